package contract

import (
	"encoding/json"
	"errors"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// Precision is how far apart two numbers may be that count as the same.
const Precision = 1e-9

// Members are those of a JSON object.
type Members map[string]any

// String is the object as JSON. It panics if a member can't be encoded.
func (m Members) String() string {
	text, err := json.Marshal(map[string]any(m))
	if err != nil {
		panic(err)
	}
	return string(text)
}

// MissingIn returns in what an object, as JSON, differs from the members that it has to have; "" if in nothing. It may
// have more of them, and so may the objects within it. Nothing is missing if m is nil.
func (m Members) MissingIn(object []byte) string {
	if m == nil {
		return ""
	}
	var got, wanted any
	if err := errors.Join(json.Unmarshal([]byte(m.String()), &wanted), json.Unmarshal(object, &got)); err != nil {
		return err.Error()
	}
	isMore := cmp.FilterPath(func(p cmp.Path) bool {
		member, isMember := p.Last().(cmp.MapIndex)
		if !isMember {
			return false
		}
		known, _ := member.Values()
		return !known.IsValid()
	}, cmp.Ignore())
	return cmp.Diff(wanted, got, cmpopts.EquateApprox(0, Precision), isMore)
}
