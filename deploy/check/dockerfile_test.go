package check

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/dockerui"
	"github.com/moby/buildkit/solver/pb"
	dockerspec "github.com/moby/docker-image-spec/specs-go/v1"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

// root is the repository, seen from here.
const root = "../.."

// testVersion is stamped into the images that these tests plan and the binary that they build.
const testVersion = "9.8.7-check"

// plan is what docker build would do for one target.
type plan struct {
	// steps are the RUN instructions, those of the stages it stands on first.
	steps []*pb.Meta
	// fromContext are the paths of the build context that it reads.
	fromContext []string
	image       dockerspec.DockerOCIImageConfig
}

func planBuild(t *testing.T, target string) plan {
	t.Helper()
	converted, err := dockerfile2llb.Dockerfile2LLB(t.Context(), read(t, "Dockerfile"), convertOptions(t, target))
	if err != nil {
		t.Fatal(err)
	}
	definition, err := converted.State.Marshal(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	made := plan{image: converted.Image.Config}
	for _, encoded := range definition.Def {
		var op pb.Op
		if err := op.UnmarshalVT(encoded); err != nil {
			t.Fatal(err)
		}
		if exec := op.GetExec(); exec != nil {
			made.steps = append(made.steps, exec.Meta)
		}
		if source := op.GetSource(); source != nil && source.Identifier == "local://context" {
			made.fromContext = followedPaths(t, source)
		}
	}
	return made
}

func convertOptions(t *testing.T, target string) dockerfile2llb.ConvertOpt {
	platform := ocispecs.Platform{OS: "linux", Architecture: runtime.GOARCH}
	return dockerfile2llb.ConvertOpt{
		Config: dockerui.Config{
			Target:         target,
			BuildArgs:      map[string]string{"VERSION": testVersion},
			BuildPlatforms: []ocispecs.Platform{platform},
			LinterConfig:   &linter.Config{ExperimentalAll: true},
		},
		TargetPlatform: &platform,
		MetaResolver:   noRegistry{},
		Warn: func(rule, description, _, message string, where []parser.Range) {
			t.Errorf("%s at %v: %s (%s)", rule, where, message, description)
		},
	}
}

func followedPaths(t *testing.T, source *pb.SourceOp) []string {
	t.Helper()
	followed, some := source.Attrs[pb.AttrFollowPaths]
	if !some {
		return []string{"everything"}
	}
	var paths []string
	if err := json.Unmarshal([]byte(followed), &paths); err != nil {
		t.Fatal(err)
	}
	slices.Sort(paths)
	return paths
}

func stages(t *testing.T) []instructions.Stage {
	t.Helper()
	parsed, err := parser.Parse(bytes.NewReader(read(t, "Dockerfile")))
	if err != nil {
		t.Fatal(err)
	}
	stages, _, err := instructions.Parse(parsed.AST, nil)
	if err != nil {
		t.Fatal(err)
	}
	return stages
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(root, path))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func TestBuildKitHasNothingToSayAboutAnyTarget(t *testing.T) {
	for _, target := range []string{"dev", "prod", ""} {
		planBuild(t, target)
	}
}

func TestOnlyTheModuleFilesAndTheFourFoldersReachAnImage(t *testing.T) {
	want := []string{"adapters", "bootstrap", "core", "go.mod", "go.sum", "ports"}
	for _, target := range []string{"prod", "dev"} {
		if target == "dev" {
			want = slices.Insert(slices.Clone(want), 2, "bootstrap/air.toml")
		}
		if diff := cmp.Diff(want, planBuild(t, target).fromContext); diff != "" {
			t.Errorf("%s (-want +got):\n%s", target, diff)
		}
	}
}

func TestEveryBaseImageIsPinnedByAnExactTag(t *testing.T) {
	known := map[string]bool{"scratch": true}
	exact := regexp.MustCompile(`^[a-z0-9./-]+:[0-9]+\.[0-9]+\.[0-9]+[a-z0-9.-]*(@sha256:[0-9a-f]{64})?$`)
	for _, stage := range stages(t) {
		if !known[stage.BaseName] && !exact.MatchString(stage.BaseName) {
			t.Errorf("%s stands on %s", stage.Name, stage.BaseName)
		}
		known[stage.Name] = true
	}
}

func TestProdIsTheDefaultTarget(t *testing.T) {
	if diff := cmp.Diff(planBuild(t, "prod").image, planBuild(t, "").image); diff != "" {
		t.Errorf("(-prod +default):\n%s", diff)
	}
}

func TestProdRunsAsNobodyInProductionAndChecksItsOwnHealth(t *testing.T) {
	var want dockerspec.DockerOCIImageConfig
	want.User = "65532:65532"
	want.ExposedPorts = map[string]struct{}{"8000/tcp": {}}
	want.Env = []string{
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
		"APP_ENV=production", "ZONEINFO=/usr/share/zoneinfo.zip",
	}
	want.Entrypoint, want.Cmd = []string{"/journey-api"}, []string{"serve"}
	want.WorkingDir = "/"
	want.StopSignal = "SIGTERM"
	want.Labels = map[string]string{
		"org.opencontainers.image.title":       "Journey API",
		"org.opencontainers.image.description": "The runtime of Journey OS's learning algorithms",
		"org.opencontainers.image.source":      "https://github.com/journey-os/journey-api",
		"org.opencontainers.image.licenses":    "MIT",
		"org.opencontainers.image.version":     testVersion,
	}
	want.Healthcheck = &dockerspec.HealthcheckConfig{
		Test:     []string{"CMD", "/journey-api", "healthcheck"},
		Interval: 10 * time.Second, Timeout: 3 * time.Second, StartPeriod: 5 * time.Second, Retries: 3,
	}
	// ArgsEscaped is Docker's mark for Windows, set everywhere.
	unmarked := cmpopts.IgnoreFields(ocispecs.ImageConfig{}, "ArgsEscaped")
	if diff := cmp.Diff(want, planBuild(t, "prod").image, unmarked); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestDevReloadsAsNobody(t *testing.T) {
	image := planBuild(t, "dev").image
	got := []any{image.User, image.Cmd, image.WorkingDir, slices.Contains(image.Env, "APP_ENV=development")}
	want := []any{"65532:65532", []string{"air", "-c", "/etc/air.toml"}, "/src", true}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
