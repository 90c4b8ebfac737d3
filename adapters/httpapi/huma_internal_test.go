package httpapi

import (
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/go-cmp/cmp"

	"github.com/journey-os/journey-api/core"
)

func TestAViolationPointsAtWhatIsWrong(t *testing.T) {
	tests := []struct{ name, location, message, want string }{
		{"a value", "body.score", "expected number <= 100", "/body/score"},
		{"an element", "body.items[3].name", "expected string", "/body/items/3/name"},
		{"a parameter", "query.limit", "invalid integer", "/query/limit"},
		{"a missing property", "body", "expected required property score to be present", "/body/score"},
		{"a missing property named as its object", "body.unit", "expected required property unit to be present", "/body/unit/unit"},
		{"a name with signs of the pointer's own", "body.a/b~c", "unexpected property", "/body/a~1b~0c"},
		{"a missing property with such signs", "body", "expected required property a/b to be present", "/body/a~1b"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := violationOf(&huma.ErrorDetail{Location: tt.location, Message: tt.message, Value: "the caller's"})
			if diff := cmp.Diff(core.Violation{Field: tt.want, Message: tt.message}, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
