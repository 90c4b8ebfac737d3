package mastery

import (
	"crypto/sha256"
	"encoding/binary"
	"strings"
	"time"
	"unicode"

	"github.com/journey-os/journey-api/core"
)

// Answer is an answer of a student, as a caller reports it.
type Answer struct {
	StudentID string
	// InstitutionID is where a new student belongs for whom a superadmin records an answer; others leave it empty.
	InstitutionID string
	ConceptID     string
	ItemID        string
	// Correct is set by a caller who grades, Response by one who leaves that to the bank's key. Exactly one of them and
	// Unanswered is set. Unanswered means that the student saw the item and gave no answer, which counts as a wrong
	// one.
	Correct    *bool
	Response   *string
	Unanswered bool
	// Latency is how long the answer took: whole milliseconds, at most MaxLatency.
	Latency time.Duration
	// At is when it was given.
	At time.Time
	// SessionID is empty for an answer outside a session.
	SessionID string
	// Key is the idempotency key that came with it, empty for none.
	Key string
}

const (
	// MaxLatency is the longest that an answer may take.
	MaxLatency = time.Hour
	// MaxKey is the length of the longest idempotency key, in bytes.
	MaxKey = 128
	// clockSkew is how far ahead of our clock an answer may be.
	clockSkew = 5 * time.Minute
)

// earliest is the earliest time that an answer may have.
var earliest = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// IsKey reports whether text can be an idempotency key: 1 to 128 printable characters of ASCII.
func IsKey(text string) bool {
	if text == "" || len(text) > MaxKey {
		return false
	}
	for i := range len(text) {
		if text[i] < ' ' || text[i] > '~' {
			return false
		}
	}
	return true
}

// validate checks the answer without the bank and the record.
func (a Answer) validate(now time.Time) error {
	var wrong []core.Violation
	refuse := func(field, message string) {
		wrong = append(wrong, core.Violation{Field: field, Message: message})
	}
	for _, id := range []struct {
		field, text string
		optional    bool
	}{
		{"student_id", a.StudentID, false}, {"concept_id", a.ConceptID, false}, {"item_id", a.ItemID, false},
		{"session_id", a.SessionID, true}, {"institution_id", a.InstitutionID, true},
	} {
		if !core.IsID(id.text) && (id.text != "" || !id.optional) {
			refuse(id.field, "is no id: "+core.IDForm)
		}
	}
	if given := a.Correct != nil || a.Response != nil; given == a.Unanswered || a.Correct != nil && a.Response != nil {
		refuse("", "has to have either correct or response")
	}
	if a.Response != nil && strings.ContainsFunc(*a.Response, unicode.IsControl) {
		refuse("response", "has a control character")
	}
	if a.Latency < 0 || a.Latency > MaxLatency {
		refuse("latency_ms", "is out of range: 0 to 3600000")
	}
	if a.Key != "" && !IsKey(a.Key) {
		refuse("idempotency_key", "has to be 1 to 128 printable characters")
	}
	if fault := TimeFault(a.At, now); fault != "" {
		refuse("timestamp", fault)
	}
	if len(wrong) > 0 {
		return core.NewValidationError(wrong...)
	}
	return nil
}

// TimeFault returns what is wrong with the time of an answer, "" if nothing is.
func TimeFault(at, now time.Time) string {
	switch {
	case at.Before(earliest):
		return "is before the year 2000"
	case at.After(now.Add(clockSkew)):
		return "is more than 5 minutes ahead"
	default:
		return ""
	}
}

// Fingerprint is a hash of the parsed request: two bodies with the same values have the same fingerprint.
func (a Answer) Fingerprint() [32]byte {
	text := make([]byte, 0, 256)
	add := func(value string) {
		text = binary.AppendUvarint(text, uint64(len(value)))
		text = append(text, value...)
	}
	for _, value := range []string{a.StudentID, a.InstitutionID, a.ConceptID, a.ItemID, a.SessionID} {
		add(value)
	}
	switch {
	case a.Unanswered:
		add("unanswered")
	case a.Response != nil:
		add("response")
		add(*a.Response)
	case a.Correct != nil && *a.Correct:
		add("right")
	default:
		add("wrong")
	}
	text = binary.AppendVarint(text, int64(a.Latency))
	text = binary.AppendVarint(text, StoredTime(a.At).UnixMicro())
	return sha256.Sum256(text)
}
