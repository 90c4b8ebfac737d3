package check

import (
	"debug/buildinfo"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/moby/patternmatcher/ignorefile"
	fscopy "github.com/tonistiigi/fsutil/copy"
)

// copyContext copies what .dockerignore lets through, as docker build does.
func copyContext(t *testing.T, from, into string) {
	t.Helper()
	patterns, err := ignorefile.ReadAll(strings.NewReader(read(t, ".dockerignore")))
	if err != nil {
		t.Fatal(err)
	}
	sources := fscopy.WithCopyInfo(fscopy.CopyInfo{CopyDirContents: true, ExcludePatterns: patterns})
	if err := fscopy.Copy(t.Context(), from, "/", into, "/", sources); err != nil {
		t.Fatal(err)
	}
}

func TestDockerignoreLetsInTheSourcesAlone(t *testing.T) {
	from, into := t.TempDir(), t.TempDir()
	want := []string{"adapters/httpapi/server.go", "bootstrap/air.toml", "core/role.go", "go.mod", "go.sum", "ports/clock.go"}
	for _, path := range slices.Concat(want, []string{
		"core/role_test.go", "adapters/httpapi/testdata/a.json", "ports/portstest/token.go", ".env", "bootstrap/.env", ".git/config",
		"bin/journey-api", "deploy/check/doc.go", "internal/testkit/stack/stack.go", "README.md", "Dockerfile",
	}) {
		write(t, filepath.Join(from, path), "")
	}
	copyContext(t, from, into)
	var got []string
	err := filepath.WalkDir(into, func(path string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			got = append(got, strings.TrimPrefix(path, into+"/"))
		}
		return err
	})
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o755); err != nil {
		t.Fatal(err)
	}
}

// build copies a target's sources out of the context into a directory that stands for the image's root, and runs the RUN
// instructions to the letter there, with the toolchain and the caches of this machine. Those that are not run as nobody make
// that user, and are not for this machine.
func build(t *testing.T, target, image string, extra ...string) {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("what is built runs on Linux")
	}
	docker := t.TempDir()
	copyContext(t, root, docker)
	made := planBuild(t, target)
	for _, c := range made.fromContext {
		info := fscopy.CopyInfo{CopyDirContents: c.DirCopyContents}
		if err := fscopy.Copy(t.Context(), docker, c.Src, image, c.Dest, fscopy.WithCopyInfo(info)); err != nil {
			t.Fatal(err)
		}
	}
	for _, step := range made.steps {
		if step.User != nobody {
			continue
		}
		command := exec.CommandContext(t.Context(), step.Args[0], step.Args[1:]...)
		command.Dir = filepath.Join(image, step.Cwd)
		environment := slices.DeleteFunc(slices.Clone(step.Env), func(variable string) bool {
			name, _, _ := strings.Cut(variable, "=")
			return slices.Contains([]string{"PATH", "HOME", "GOCACHE"}, name)
		})
		command.Env = slices.Concat(os.Environ(), environment, extra)
		output(t, command)
	}
}

var built struct {
	once   sync.Once
	binary string
}

// binary is the path of prod's, built by the Dockerfile's own steps out of the build context alone.
func binary(t *testing.T) string {
	t.Helper()
	built.once.Do(func() {
		image := t.TempDir()
		build(t, "prod", image)
		content, err := os.ReadFile(filepath.Join(image, "src/bin/journey-api"))
		if err != nil {
			t.Fatal(err)
		}
		built.binary = string(content)
	})
	if built.binary == "" {
		t.Skip("the binary is not built")
	}
	path := filepath.Join(t.TempDir(), "journey-api")
	write(t, path, built.binary)
	return path
}

func TestTheBinaryIsStaticAndTellsNoPath(t *testing.T) {
	info, err := buildinfo.ReadFile(binary(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, setting := range []debug.BuildSetting{{Key: "CGO_ENABLED", Value: "0"}, {Key: "-trimpath", Value: "true"}} {
		if !slices.Contains(info.Settings, setting) {
			t.Errorf("it was not built with %s=%s", setting.Key, setting.Value)
		}
	}
}
