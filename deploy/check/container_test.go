//go:build linux

package check

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// container makes commands inside a prod image's file system, as far as this machine can play one: with root's rights a
// process sees those files alone, as user 65532, who may write to none of them.
func container(t *testing.T) func(environment []string, arguments ...string) *exec.Cmd {
	t.Helper()
	image := planBuild(t, "prod")
	directory := t.TempDir()
	if err := os.Chmod(directory, 0o755); err != nil { // for every user
		t.Fatal(err)
	}
	for _, file := range image.fromStages {
		path := filepath.Join(directory, file.Dest)
		write(t, path, "") // the service starts without certificates and time zones
		if file.Src != "/src/bin/journey-api" {
			continue
		}
		if err := os.Rename(binary(t), path); err != nil {
			t.Fatal(err)
		}
	}
	isRoot := os.Getuid() == 0
	if !isRoot {
		t.Log("not root: the process runs as you and sees the whole file system")
	}
	return func(environment []string, arguments ...string) *exec.Cmd {
		command := &exec.Cmd{Path: arguments[0], Args: arguments, Dir: "/", Env: slices.Concat(image.image.Env, environment)}
		if isRoot {
			command.SysProcAttr = &syscall.SysProcAttr{Chroot: directory, Credential: &syscall.Credential{Uid: 65532, Gid: 65532}}
		} else {
			command.Path = filepath.Join(directory, arguments[0])
		}
		return command
	}
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

func TestProdHoldsThreeFiles(t *testing.T) {
	var got []string
	for _, file := range planBuild(t, "prod").fromStages {
		got = append(got, file.Dest)
	}
	want := []string{"/etc/ssl/certs/ca-certificates.crt", "/usr/share/zoneinfo.zip", "/journey-api"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestProdServesChecksItselfAndDrains(t *testing.T) {
	image, command, port := planBuild(t, "prod").image, container(t), freePort(t)
	settings := productionSettings(port)
	healthcheck := func() int {
		health := command(settings, image.Healthcheck.Test[1:]...)
		_ = health.Run()
		return health.ProcessState.ExitCode()
	}
	service := start(t, command(settings, slices.Concat(image.Entrypoint, image.Cmd)...))
	service.waitFor(t, `"msg":"started","version":"`+testVersion+`"`)
	status, _ := ask(t, http.MethodGet, "http://127.0.0.1:"+port+"/health/live", nil)
	got := []int{status, healthcheck(), service.stop(t, syscall.SIGTERM), healthcheck()}
	if diff := cmp.Diff([]int{http.StatusOK, 0, 0, 1}, got); diff != "" {
		t.Errorf("live, healthcheck, exit on SIGTERM, healthcheck after (-want +got):\n%s", diff)
	}
}
