//go:build unix

package check

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/compose-spec/compose-go/v2/dotenv"
	"github.com/google/go-cmp/cmp"
	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// container is a prod image's file system, as far as this machine can play one: with root's rights the process sees
// those files alone, as user 65532, who may write to none of them.
type container struct {
	directory string
	locked    bool
	image     plan
}

func newContainer(t *testing.T) container {
	t.Helper()
	c := container{directory: publicDir(t), locked: os.Getuid() == 0, image: planBuild(t, "prod")}
	if !c.locked {
		t.Log("not root: the process runs as you and sees the whole file system")
	}
	for _, file := range copiedIntoProd(t) {
		target := filepath.Join(c.directory, file.DestPath)
		content := contentOf(t, file.SourcePaths[0])
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(target, content, 0o555); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

func copiedIntoProd(t *testing.T) []*instructions.CopyCommand {
	t.Helper()
	var copies []*instructions.CopyCommand
	all := stages(t)
	for _, command := range all[len(all)-1].Commands {
		if file, ok := command.(*instructions.CopyCommand); ok {
			copies = append(copies, file)
		}
	}
	return copies
}

// contentOf is a file of the build stage; those of its base image are taken from this machine.
func contentOf(t *testing.T, path string) []byte {
	t.Helper()
	switch path {
	case "/src/bin/journey-api":
		return binary(t)
	case "/usr/local/go/lib/time/zoneinfo.zip":
		goroot, err := exec.CommandContext(t.Context(), "go", "env", "GOROOT").Output()
		if err != nil {
			t.Fatal(err)
		}
		path = filepath.Join(strings.TrimSpace(string(goroot)), "lib/time/zoneinfo.zip")
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// command is an argument list inside the container, with its environment and more.
func (c container) command(t *testing.T, environment []string, arguments ...string) *exec.Cmd {
	t.Helper()
	path := arguments[0]
	if !c.locked {
		path = filepath.Join(c.directory, path)
	}
	command := &exec.Cmd{Path: path, Args: arguments, Dir: "/", Env: slices.Concat(c.image.image.Env, environment)}
	if c.locked {
		command.SysProcAttr = &syscall.SysProcAttr{
			Chroot:     c.directory,
			Credential: &syscall.Credential{Uid: 65532, Gid: 65532},
		}
	}
	return command
}

func (c container) serve(t *testing.T, environment []string) *exec.Cmd {
	return c.command(t, environment, slices.Concat(c.image.image.Entrypoint, c.image.image.Cmd)...)
}

func (c container) healthcheck(t *testing.T, environment []string) int {
	_, err := c.command(t, environment, c.image.image.Healthcheck.Test[1:]...).CombinedOutput()
	return exitCode(t, err)
}

func productionSettings(port string) []string {
	return []string{
		"API_HOST=127.0.0.1", "API_PORT=" + port, "DRAIN_DELAY=200ms",
		"SUPABASE_URL=https://127.0.0.1:1", "SUPABASE_SERVICE_ROLE_KEY=service",
		"SUPABASE_JWT_SECRET=0f3ZqT8mW1xK7cR5vB9nJ2hL6dS4gY0pA3eU8iO1",
		"NEO4J_URI=neo4j+s://127.0.0.1:1", "NEO4J_USERNAME=neo4j", "NEO4J_PASSWORD=Zt7wQ2xV9k",
		"DATABASE_URL=postgres://journey:Zt7wQ2xV9k@127.0.0.1:1/postgres",
	}
}

func needsLinux(t *testing.T) {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("prod's binary runs on Linux")
	}
}

func TestProdHoldsThreeFiles(t *testing.T) {
	var got []string
	for _, file := range copiedIntoProd(t) {
		got = append(got, file.DestPath)
	}
	want := []string{"/etc/ssl/certs/ca-certificates.crt", "/usr/share/zoneinfo.zip", "/journey-api"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestProdServesChecksItselfAndDrains(t *testing.T) {
	needsLinux(t)
	c, port := newContainer(t), freePort(t)
	settings := productionSettings(port)
	service := start(t, c.serve(t, settings))
	service.waitFor(t, `"msg":"started","version":"`+testVersion+`"`)

	reply, err := http.Get("http://127.0.0.1:" + port + "/health/live")
	if err != nil {
		t.Fatal(err)
	}
	_ = reply.Body.Close()
	got := []int{reply.StatusCode, c.healthcheck(t, settings), service.stop(t, syscall.SIGTERM), c.healthcheck(t, settings)}
	if diff := cmp.Diff([]int{http.StatusOK, 0, 0, 1}, got); diff != "" {
		t.Errorf("live, healthcheck, exit on SIGTERM, healthcheck after (-want +got):\n%s", diff)
	}
}

func TestProdRefusesPlaceholdersWithATableOfFaults(t *testing.T) {
	needsLinux(t)
	placeholders, err := dotenv.Read(filepath.Join(root, ".env.example"))
	if err != nil {
		t.Fatal(err)
	}
	var settings []string
	for name, value := range placeholders {
		settings = append(settings, name+"="+value)
	}
	output, err := newContainer(t).serve(t, settings).CombinedOutput()
	if code := exitCode(t, err); code != 2 {
		t.Errorf("it exits %d, not 2", code)
	}
	for _, name := range []string{"SUPABASE_JWT_SECRET", "SUPABASE_ANON_KEY", "SUPABASE_SERVICE_ROLE_KEY", "NEO4J_PASSWORD"} {
		if !strings.Contains(string(output), name) {
			t.Errorf("it says nothing of %s:\n%s", name, output)
		}
	}
}
