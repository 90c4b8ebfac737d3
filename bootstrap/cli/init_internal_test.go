package cli

import (
	"strings"
	"testing"
	"time"
)

func TestInitMakesOtherSecretsEachTime(t *testing.T) {
	now := time.Now()
	first, err := freshSettings(now)
	if err != nil {
		t.Fatal(err)
	}
	second, err := freshSettings(now)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"SUPABASE_JWT_SECRET=", "SUPABASE_ANON_KEY=", "SUPABASE_SERVICE_ROLE_KEY=", "NEO4J_PASSWORD="} {
		if lineOf(t, first, name) == lineOf(t, second, name) {
			t.Errorf("%s is the same twice", name)
		}
	}
}

func lineOf(t *testing.T, content []byte, prefix string) string {
	t.Helper()
	for line := range strings.Lines(string(content)) {
		if strings.HasPrefix(line, prefix) {
			return line
		}
	}
	t.Fatalf("no line begins with %s", prefix)
	return ""
}
