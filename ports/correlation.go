package ports

// CorrelationHeader is the header that carries a correlation id between services, in both directions.
const CorrelationHeader = "X-Correlation-ID"
