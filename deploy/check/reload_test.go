//go:build linux

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

func edit(t *testing.T, path, was, becomes string) {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(content), was) {
		t.Fatalf("%s has no %s", path, was)
	}
	write(t, path, strings.Replace(string(content), was, becomes, 1))
}

func TestDevRunsEachVersionThatBuilds(t *testing.T) {
	image, tools := t.TempDir(), t.TempDir()
	build(t, "dev", image, "GOBIN="+tools)
	arguments := slices.Clone(planBuild(t, "dev").image.Cmd)
	config := slices.Index(arguments, "/etc/air.toml")
	arguments[config] = filepath.Join(image, arguments[config])

	port := freePort(t)
	command := exec.Command(filepath.Join(tools, arguments[0]), arguments[1:]...)
	command.Dir = filepath.Join(image, "src")
	command.Env = slices.Concat(os.Environ(), []string{"CGO_ENABLED=0"}, productionSettings(port))
	service := start(t, command)
	service.waitFor(t, `"msg":"started","version":"0.0.0-unstamped"`)

	main := filepath.Join(image, "src/bootstrap/main.go")
	edit(t, main, `"0.0.0-unstamped"`, `"0.0.0-edited"`)
	service.waitFor(t, `"msg":"started","version":"0.0.0-edited"`)

	edit(t, main, `"0.0.0-edited"`, `0.0.0-broken`)
	service.waitFor(t, "failed to build")
	service.waitFor(t, `"msg":"started","version":"0.0.0-edited"`)
	if status, _ := ask(t, http.MethodGet, "http://127.0.0.1:"+port+"/health/live", nil); status != http.StatusOK {
		t.Errorf("with a fault in the source it answers %d", status)
	}

	if code := service.stop(t, syscall.SIGTERM); code != 0 {
		t.Errorf("it exits %d", code)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:"+port)
	if err != nil {
		t.Fatalf("the service outlived the tool that runs it: %v", err)
	}
	_ = listener.Close()
}
