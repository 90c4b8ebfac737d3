// Package chain holds what Journey API is measured against: Fiber alone, and Fiber with the middleware that most services
// put in front of a route. Both answer what Journey API answers, which the benchmark checks.
package chain

// Envelope is the envelope of a success.
type Envelope[T any] struct {
	Data  T         `json:"data"`
	Error *struct{} `json:"error"`
}

// Me is the data of GET /api/me.
type Me struct {
	Sub              string `json:"sub"`
	Email            string `json:"email"`
	Role             string `json:"role"`
	InstitutionID    string `json:"institution_id"`
	IsCourseDirector bool   `json:"is_course_director"`
	Aud              string `json:"aud"`
	Exp              int64  `json:"exp"`
	Iat              int64  `json:"iat"`
}

// Health is the data of GET /health.
type Health struct {
	Status        string                `json:"status"`
	Version       string                `json:"version"`
	Timestamp     string                `json:"timestamp"`
	UptimeSeconds float64               `json:"uptime_seconds"`
	Dependencies  map[string]Dependency `json:"dependencies"`
}

// Dependency is one of the dependencies in Health.
type Dependency struct {
	Status    string   `json:"status"`
	LatencyMS *float64 `json:"latency_ms"`
	Error     string   `json:"error,omitempty"`
}
