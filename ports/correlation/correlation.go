// Package correlation names the header that carries correlation ids; core.CorrelationID is the id.
package correlation

// Header is the header that carries a correlation id between services, in both directions.
const Header = "X-Correlation-ID"
