package check

import (
	"context"
	"encoding/json"
	"regexp"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/moby/buildkit/client/llb/sourceresolver"
	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/dockerui"
	"github.com/moby/buildkit/solver/pb"
	dockerspec "github.com/moby/docker-image-spec/specs-go/v1"
	"github.com/opencontainers/go-digest"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

// testVersion is stamped into the images that these tests plan and the binary that they build.
const testVersion = "9.8.7-check"

// nobody is the user that the images are built and run as.
const nobody = "65532:65532"

// plan is what docker build would do for one target, the stages that it stands on included.
type plan struct {
	bases []string
	// steps are the RUN instructions.
	steps []*pb.Meta
	// fromContext and fromStages are the COPY instructions.
	fromContext, fromStages []*pb.FileActionCopy
	image                   dockerspec.DockerOCIImageConfig
}

// ResolveImageConfig stands in for the registry: a base image has nothing in its config but a PATH.
func (p *plan) ResolveImageConfig(_ context.Context, ref string, opt sourceresolver.Opt) (string, digest.Digest, []byte, error) {
	p.bases = append(p.bases, ref)
	var image dockerspec.DockerOCIImage
	if opt.ImageOpt != nil && opt.ImageOpt.Platform != nil {
		image.Platform = *opt.ImageOpt.Platform
	}
	image.Config.Env = []string{"PATH=/go/bin:/usr/local/go/bin:/usr/local/bin:/usr/bin:/bin"}
	config, err := json.Marshal(image)
	return ref, digest.FromBytes(config), config, err
}

// planBuild fails if BuildKit, with all of its linter's rules, has anything to say.
func planBuild(t *testing.T, target string) *plan {
	t.Helper()
	made := &plan{}
	platform := ocispecs.Platform{OS: "linux", Architecture: runtime.GOARCH}
	converted, err := dockerfile2llb.Dockerfile2LLB(t.Context(), []byte(read(t, "Dockerfile")), dockerfile2llb.ConvertOpt{
		Config: dockerui.Config{
			Target:         target,
			BuildArgs:      map[string]string{"VERSION": testVersion},
			BuildPlatforms: []ocispecs.Platform{platform},
			LinterConfig:   &linter.Config{ExperimentalAll: true},
		},
		TargetPlatform: &platform,
		MetaResolver:   made,
		Warn: func(rule, description, _, message string, where []parser.Range) {
			t.Errorf("%s at %v: %s (%s)", rule, where, message, description)
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	made.image = converted.Image.Config
	definition, err := converted.State.Marshal(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	fromContext := ""
	for _, encoded := range definition.Def {
		var op pb.Op
		if err := op.UnmarshalVT(encoded); err != nil {
			t.Fatal(err)
		}
		if op.GetSource().GetIdentifier() == "local://context" {
			fromContext = digest.FromBytes(encoded).String()
		}
		made.add(&op, fromContext)
	}
	return made
}

// add notes a RUN or a COPY.
func (p *plan) add(op *pb.Op, fromContext string) {
	if exec := op.GetExec(); exec != nil {
		p.steps = append(p.steps, exec.Meta)
	}
	for _, action := range op.GetFile().GetActions() {
		switch copied := action.GetCopy(); {
		case copied == nil:
		case op.Inputs[action.SecondaryInput].Digest == fromContext:
			p.fromContext = append(p.fromContext, copied)
		default:
			p.fromStages = append(p.fromStages, copied)
		}
	}
}

func TestEachImageStandsOnAnExactTagAndRunsAsNobody(t *testing.T) {
	exact := regexp.MustCompile(`^[a-z0-9./-]+:[0-9]+\.[0-9]+\.[0-9]+[a-z0-9.-]*(@sha256:[0-9a-f]{64})?$`)
	for target, mode := range map[string]string{"dev": "development", "prod": "production"} {
		made := planBuild(t, target)
		if len(made.bases) == 0 {
			t.Errorf("%s stands on no image", target)
		}
		for _, base := range made.bases {
			if !exact.MatchString(base) {
				t.Errorf("%s stands on %s", target, base)
			}
		}
		if made.image.User != nobody || !slices.Contains(made.image.Env, "APP_ENV="+mode) {
			t.Errorf("%s: user %s, environment %q", target, made.image.User, made.image.Env)
		}
	}
}

func TestTheDefaultImageIsProdAndChecksItsOwnHealth(t *testing.T) {
	image := planBuild(t, "").image
	got := []any{image.Env[1:], image.ExposedPorts, image.StopSignal, image.Labels[ocispecs.AnnotationVersion], image.Healthcheck}
	want := []any{
		[]string{"APP_ENV=production", "ZONEINFO=/usr/share/zoneinfo.zip"}, map[string]struct{}{"8000/tcp": {}}, "SIGTERM",
		testVersion, &dockerspec.HealthcheckConfig{
			Test:     []string{"CMD", "/journey-api", "healthcheck"},
			Interval: 10 * time.Second, Timeout: 3 * time.Second, StartPeriod: 5 * time.Second, Retries: 3,
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
