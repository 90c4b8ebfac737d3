//go:build unix

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

// checkout is a directory with the compose file, what it mounts, and an .env if there is one.
func checkout(t *testing.T, env string) string {
	t.Helper()
	directory := t.TempDir()
	copyContext(t, directory)
	if err := os.CopyFS(filepath.Join(directory, "deploy/compose"), os.DirFS(filepath.Join(root, "deploy/compose"))); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{composeFile: string(read(t, composeFile)), ".env": env} {
		if content == "" {
			continue
		}
		if err := os.WriteFile(filepath.Join(directory, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return directory
}

// load reads the compose file as `docker compose` does, with the .env beside it.
func load(t *testing.T, directory string) (*types.Project, error) {
	t.Helper()
	options, err := cli.NewProjectOptions([]string{filepath.Join(directory, composeFile)},
		cli.WithWorkingDirectory(directory), cli.WithEnvFiles(), cli.WithDotEnv)
	if err != nil {
		return nil, err
	}
	return options.LoadProject(t.Context())
}

// freshEnv is an .env as `journey-api init` makes it.
func freshEnv(t *testing.T) string {
	t.Helper()
	directory := t.TempDir()
	command := exec.CommandContext(t.Context(), installed(t), "init")
	command.Dir = directory
	if output, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	content, err := os.ReadFile(filepath.Join(directory, ".env"))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func loadFresh(t *testing.T) *types.Project {
	t.Helper()
	needsLinux(t)
	project, err := load(t, checkout(t, freshEnv(t)))
	if err != nil {
		t.Fatal(err)
	}
	return project
}

func TestComposeSaysWhatToDoWithoutAnEnvFile(t *testing.T) {
	_, err := load(t, checkout(t, ""))
	if err == nil || !strings.Contains(err.Error(), "run make run once") {
		t.Errorf("it says: %v", err)
	}
}

func TestComposeHasTheServiceNeo4jAndWhatItNeedsOfSupabase(t *testing.T) {
	got := slices.Sorted(slices.Values(loadFresh(t).ServiceNames()))
	if diff := cmp.Diff([]string{"api", "auth", "gateway", "neo4j", "postgres", "rest"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestEveryComposeService(t *testing.T) {
	exact := regexp.MustCompile(`:v?[0-9]+\.[0-9]+(\.[0-9]+)?(-[a-z]+)?(@sha256:[0-9a-f]{64})?$`)
	for name, service := range loadFresh(t).Services {
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
	project := loadFresh(t)
	got := map[string][]string{}
	for name, service := range project.Services {
		for network := range service.Networks {
			if project.Networks[network].Internal {
				got[network] = append(got[network], name)
			}
		}
	}
	slices.Sort(got["supabase"])
	if diff := cmp.Diff(map[string][]string{"supabase": {"api", "auth", "gateway", "postgres", "rest"}}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if networks := project.Services["postgres"].Networks; len(networks) != 1 {
		t.Errorf("postgres is on %v", networks)
	}
}

// runConfig runs `journey-api config` with the environment that compose gives the service.
func runConfig(t *testing.T, project *types.Project) (output string, code int) {
	t.Helper()
	command := exec.CommandContext(t.Context(), installed(t), "config")
	command.Dir = t.TempDir()
	command.Env = []string{}
	for name, value := range project.Services["api"].Environment {
		command.Env = append(command.Env, name+"="+*value)
	}
	said, err := command.CombinedOutput()
	return string(said), exitCode(t, err)
}

func TestTheServiceTakesWhatComposeGivesItAndFindsTheServersByName(t *testing.T) {
	output, code := runConfig(t, loadFresh(t))
	if code != 0 || strings.Contains(output, "warning") {
		t.Fatalf("exit code %d\n%s", code, output)
	}
	for _, want := range []string{`SUPABASE_URL +http://gateway:8000 `, `NEO4J_URI +bolt://neo4j:7687 `, `API_PORT +8000 `} {
		if !regexp.MustCompile(want).MatchString(output) {
			t.Errorf("no %q in\n%s", want, output)
		}
	}
}

func TestThePlaceholderSecretIsRefusedInCompose(t *testing.T) {
	needsLinux(t)
	project, err := load(t, checkout(t, string(read(t, ".env.example"))))
	if err != nil {
		t.Fatal(err)
	}
	output, code := runConfig(t, project)
	if code != 2 || !strings.Contains(output, "SUPABASE_JWT_SECRET") {
		t.Errorf("exit code %d\n%s", code, output)
	}
}
