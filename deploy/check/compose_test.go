package check

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/google/go-cmp/cmp"
)

const composeFile = "docker-compose.dev.yml"

// load reads the compose file as `docker compose` does in a fresh clone, with an .env made by `journey-api init` or none.
func load(t *testing.T, withEnv bool) (*types.Project, error) {
	t.Helper()
	clone := t.TempDir()
	copyContext(t, root, clone)
	write(t, filepath.Join(clone, composeFile), read(t, composeFile))
	if err := os.CopyFS(filepath.Join(clone, "deploy"), os.DirFS(filepath.Join(root, "deploy"))); err != nil {
		t.Fatal(err)
	}
	if withEnv {
		initialize := exec.CommandContext(t.Context(), binary(t), "init")
		initialize.Dir = clone
		output(t, initialize)
	}
	options, err := cli.NewProjectOptions([]string{filepath.Join(clone, composeFile)},
		cli.WithWorkingDirectory(clone), cli.WithEnvFiles(), cli.WithDotEnv)
	if err != nil {
		return nil, err
	}
	return options.LoadProject(t.Context())
}

func loadWithEnv(t *testing.T) *types.Project {
	t.Helper()
	project, err := load(t, true)
	if err != nil {
		t.Fatal(err)
	}
	return project
}

func TestComposeSaysWhatToDoWithoutAnEnvFile(t *testing.T) {
	if _, err := load(t, false); err == nil || !strings.Contains(err.Error(), "run make run once") {
		t.Errorf("it says: %v", err)
	}
}

func TestEveryComposeService(t *testing.T) {
	exact := regexp.MustCompile(`:v?[0-9]+\.[0-9]+(\.[0-9]+)?(-[a-z]+)?(@sha256:[0-9a-f]{64})?$`)
	for name, service := range loadWithEnv(t).Services {
		if service.Build == nil && !exact.MatchString(service.Image) {
			t.Errorf("%s: image %s is not pinned", name, service.Image)
		}
		if service.HealthCheck == nil {
			t.Errorf("%s: no health check", name)
		}
		if !slices.Contains(service.SecurityOpt, "no-new-privileges:true") {
			t.Errorf("%s: may gain privileges", name)
		}
		for _, port := range service.Ports {
			if port.HostIP != "127.0.0.1" {
				t.Errorf("%s: port %s is published on %q", name, port.Published, port.HostIP)
			}
		}
		for other, dependency := range service.DependsOn {
			if dependency.Condition != types.ServiceConditionHealthy {
				t.Errorf("%s: does not wait until %s is healthy", name, other)
			}
		}
		for _, volume := range service.Volumes {
			if volume.Type != types.VolumeTypeBind {
				continue
			}
			if _, err := os.Stat(volume.Source); err != nil || !volume.ReadOnly {
				t.Errorf("%s: %s is mounted, read-only %t (%v)", name, volume.Source, volume.ReadOnly, err)
			}
		}
	}
}

func TestComposeKeepsPostgresOffTheOtherNetworks(t *testing.T) {
	project := loadWithEnv(t)
	var insiders []string
	for name, service := range project.Services {
		if _, is := service.Networks["supabase"]; is {
			insiders = append(insiders, name)
		}
	}
	slices.Sort(insiders)
	got := []any{project.Networks["supabase"].Internal, insiders, len(project.Services["postgres"].Networks)}
	want := []any{true, []string{"api", "auth", "gateway", "postgres", "rest"}, 1}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTheServiceTakesWhatComposeGivesItAndFindsTheServersByName(t *testing.T) {
	settings := map[string]string{}
	for name, value := range loadWithEnv(t).Services["api"].Environment {
		settings[name] = *value
	}
	rows := inForce(t, settings)
	got := []string{rows["SUPABASE_URL"].value, rows["NEO4J_URI"].value, rows["API_PORT"].value}
	if diff := cmp.Diff([]string{"http://gateway:8000", "bolt://neo4j:7687", "8000"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
