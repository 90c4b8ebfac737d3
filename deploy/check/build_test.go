package check

import (
	"debug/buildinfo"
	"debug/elf"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/moby/buildkit/solver/pb"
)

// nobody is the user that the Dockerfile builds as; its steps before that make this user, and are not for this machine.
const nobody = "65532:65532"

// runSteps runs a target's RUN instructions to the letter, in directory for /src. The toolchain and its caches are this
// machine's.
func runSteps(t *testing.T, target, directory string, extra ...string) {
	t.Helper()
	for _, step := range planBuild(t, target).steps {
		if step.User != nobody {
			continue
		}
		if step.Cwd != "/src" {
			t.Fatalf("%q runs in %s", step.Args, step.Cwd)
		}
		command := exec.CommandContext(t.Context(), step.Args[0], step.Args[1:]...)
		command.Dir = directory
		command.Env = slices.Concat(os.Environ(), portable(step), extra)
		if output, err := command.CombinedOutput(); err != nil {
			t.Fatalf("%q: %v\n%s", step.Args, err, output)
		}
	}
}

// portable is the step's environment without the places inside the image.
func portable(step *pb.Meta) []string {
	return slices.DeleteFunc(slices.Clone(step.Env), func(variable string) bool {
		name, _, _ := strings.Cut(variable, "=")
		return slices.Contains([]string{"PATH", "HOME", "GOCACHE"}, name)
	})
}

var built struct {
	once   sync.Once
	binary []byte
}

// binary is prod's, built by the Dockerfile's own steps out of the build context alone.
func binary(t *testing.T) []byte {
	t.Helper()
	built.once.Do(func() {
		source := t.TempDir()
		copyContext(t, source)
		runSteps(t, "prod", source)
		content, err := os.ReadFile(filepath.Join(source, "bin/journey-api"))
		if err != nil {
			t.Fatal(err)
		}
		built.binary = content
	})
	if built.binary == nil {
		t.Fatal("the binary could not be built")
	}
	return built.binary
}

// installed is the path of the binary in a directory of its own.
func installed(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "journey-api")
	if err := os.WriteFile(path, binary(t), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestTheBinaryIsStatic(t *testing.T) {
	file, err := elf.Open(installed(t))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	for _, segment := range file.Progs {
		if segment.Type == elf.PT_INTERP || segment.Type == elf.PT_DYNAMIC {
			t.Errorf("it has a segment %s: it wants a dynamic linker", segment.Type)
		}
	}
}

func TestTheBinaryIsStampedAndTellsNoPath(t *testing.T) {
	path := installed(t)
	output, err := exec.CommandContext(t.Context(), path, "version").Output()
	if err != nil {
		t.Fatal(err)
	}
	info, err := buildinfo.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{"version": strings.TrimSpace(string(output))}
	for _, setting := range info.Settings {
		if setting.Key == "CGO_ENABLED" || setting.Key == "-trimpath" {
			got[setting.Key] = setting.Value
		}
	}
	if diff := cmp.Diff(map[string]string{"version": testVersion, "CGO_ENABLED": "0", "-trimpath": "true"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
