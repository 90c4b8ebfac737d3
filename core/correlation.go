package core

import "context"

// CorrelationID identifies all that happens for one request, here and in the services it calls.
type CorrelationID string

// maxCorrelationID is the longest id taken from a caller, in bytes.
const maxCorrelationID = 128

// ParseCorrelationID accepts 1 to 128 of A-Z a-z 0-9 . _ - and refuses everything else, so that an id can stand in a
// reply, a log line and a query's metadata as it is.
func ParseCorrelationID(text string) (CorrelationID, bool) {
	if text == "" || len(text) > maxCorrelationID {
		return "", false
	}
	for i := range len(text) {
		if !isCorrelationByte(text[i]) {
			return "", false
		}
	}
	return CorrelationID(text), true
}

func isCorrelationByte(b byte) bool {
	return 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z' || '0' <= b && b <= '9' || b == '.' || b == '_' || b == '-'
}

type correlationKey struct{}

// WithCorrelationID returns a context that carries id.
func WithCorrelationID(ctx context.Context, id CorrelationID) context.Context {
	return context.WithValue(ctx, correlationKey{}, id)
}

// CorrelationIDFrom returns the id of ctx, "" if it carries none.
func CorrelationIDFrom(ctx context.Context) CorrelationID {
	id, _ := ctx.Value(correlationKey{}).(CorrelationID)
	return id
}
