package check

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"
)

func ignored(t *testing.T) *patternmatcher.PatternMatcher {
	t.Helper()
	patterns, err := ignorefile.ReadAll(bytes.NewReader(read(t, ".dockerignore")))
	if err != nil {
		t.Fatal(err)
	}
	matcher, err := patternmatcher.New(patterns)
	if err != nil {
		t.Fatal(err)
	}
	return matcher
}

func TestDockerignoreLetsInTheSourcesAlone(t *testing.T) {
	matcher := ignored(t)
	got := map[string]bool{}
	want := map[string]bool{
		"go.mod":                           true,
		"go.sum":                           true,
		"core/role.go":                     true,
		"adapters/httpapi/server.go":       true,
		"core/role_test.go":                false,
		"adapters/httpapi/testdata/a.json": false,
		"ports/portstest/token.go":         false,
		".env":                             false,
		"bootstrap/.env":                   false,
		".git/config":                      false,
		"bin/journey-api":                  false,
		"deploy/check/doc.go":              false,
		"internal/testkit/stack/stack.go":  false,
		"README.md":                        false,
		"Dockerfile":                       false,
	}
	for path := range want {
		out, err := matcher.MatchesOrParentMatches(path)
		if err != nil {
			t.Fatal(err)
		}
		got[path] = !out
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// copyContext fills an empty directory with the build context: what .dockerignore lets through.
func copyContext(t *testing.T, into string) {
	t.Helper()
	matcher := ignored(t)
	source := os.DirFS(root)
	err := fs.WalkDir(source, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || path == "." {
			return err
		}
		out, err := matcher.MatchesOrParentMatches(path)
		switch {
		case err != nil:
			return err
		case entry.IsDir() && out:
			return fs.SkipDir // the file lets nothing back in below a folder that it keeps out
		case out || entry.IsDir():
			return nil
		}
		content, err := fs.ReadFile(source, path)
		if err != nil {
			return err
		}
		target := filepath.Join(into, path)
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			return err
		}
		return os.WriteFile(target, content, 0o644)
	})
	if err != nil {
		t.Fatal(err)
	}
}
