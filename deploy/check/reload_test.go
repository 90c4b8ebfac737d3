//go:build unix

package check

import (
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

const airConfig = "/etc/air.toml"

func edit(t *testing.T, path, was, becomes string) {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(content), was) {
		t.Fatalf("%s has no %s", path, was)
	}
	if err := os.WriteFile(path, []byte(strings.Replace(string(content), was, becomes, 1)), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestDevRunsEachVersionThatBuilds(t *testing.T) {
	source, tools := t.TempDir(), t.TempDir()
	copyContext(t, source)
	runSteps(t, "dev", source, "GOBIN="+tools)
	config := filepath.Join(tools, "air.toml")
	if err := os.WriteFile(config, read(t, "bootstrap/air.toml"), 0o600); err != nil {
		t.Fatal(err)
	}
	arguments := slices.Clone(planBuild(t, "dev").image.Cmd)
	arguments[slices.Index(arguments, airConfig)] = config

	port := freePort(t)
	command := exec.Command(filepath.Join(tools, arguments[0]), arguments[1:]...)
	command.Dir = source
	command.Env = slices.Concat(os.Environ(), []string{"CGO_ENABLED=0"}, productionSettings(port))
	service := start(t, command)
	service.waitFor(t, `"msg":"started","version":"0.0.0-unstamped"`)

	main := filepath.Join(source, "bootstrap/main.go")
	edit(t, main, `"0.0.0-unstamped"`, `"0.0.0-edited"`)
	service.waitFor(t, `"msg":"started","version":"0.0.0-edited"`)

	edit(t, main, `"0.0.0-edited"`, `0.0.0-broken`)
	service.waitFor(t, "failed to build")
	service.waitFor(t, `"msg":"started","version":"0.0.0-edited"`)
	reply, err := http.Get("http://127.0.0.1:" + port + "/health/live")
	if err != nil {
		t.Fatalf("a fault in the source took the service down: %v", err)
	}
	_ = reply.Body.Close()

	if code := service.stop(t, syscall.SIGTERM); code != 0 {
		t.Errorf("it exits %d", code)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:"+port)
	if err != nil {
		t.Fatalf("the service outlived the tool that runs it: %v", err)
	}
	_ = listener.Close()
}
