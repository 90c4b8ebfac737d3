package student

import (
	"strings"
	"testing"
)

func TestAStoreHasWhatWasAcknowledgedOnce(t *testing.T) {
	s := New("ana", 1)
	s.counts(&Answer{Concept: "c", Correct: true})
	s.counts(&Answer{Concept: "c"})
	mastery := replay(s.Given["c"]).Mastery
	for attempts, want := range map[int]string{1: "acknowledged", 2: "", 3: "acknowledged"} {
		if got := s.WrongInStore("c", attempts, mastery); want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("of two answers the store has %d: %q", attempts, got)
		}
	}
	if s.WrongInStore("c", 2, mastery+1e-6) == "" {
		t.Error("another mastery is taken for right")
	}
	s.unsure = s.Given["c"][1]
	if wrong := s.WrongInStore("c", 1, replay(s.Given["c"][:1]).Mastery); wrong != "" {
		t.Errorf("an answer that was not acknowledged may be missing: %s", wrong)
	}
}
