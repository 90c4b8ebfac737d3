package bank_test

import (
	"testing"

	"github.com/journey-os/journey-api/core/bank"
)

func TestAScopeSeesWhatIsSharedAndItsOwnInstitution(t *testing.T) {
	tests := map[string]struct {
		scope       bank.Scope
		institution string
		want        bool
	}{
		"the own institution":                {bank.Within("a"), "a", true},
		"another institution":                {bank.Within("a"), "b", false},
		"what is shared":                     {bank.Within("a"), "", true},
		"the zero value sees what is shared": {bank.Scope{}, "", true},
		"and nothing else":                   {bank.Scope{}, "a", false},
		"an empty institution is no other":   {bank.Within(""), "a", false},
		"everywhere is everywhere":           {bank.Everywhere(), "b", true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := test.scope.Sees(test.institution); got != test.want {
				t.Errorf("Sees(%q) = %t", test.institution, got)
			}
		})
	}
}
