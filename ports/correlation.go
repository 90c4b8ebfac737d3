package ports

// CorrelationHeader is the name under which a correlation id travels between services, in both directions.
const CorrelationHeader = "X-Correlation-ID"
