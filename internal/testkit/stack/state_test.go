package stack

import (
	"encoding/json"
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func openTemp(t *testing.T) (*Stack, Config) {
	t.Helper()
	dir := t.TempDir()
	config := Config{Settings: validSettings(), Dir: dir, CacheDir: filepath.Join(dir, "cache"), Program: "stackctl"}
	s, err := Open(config)
	if err != nil {
		t.Fatal(err)
	}
	return s, config
}

// runs makes this test's own process pass for a server.
func (s *Stack) runs(t *testing.T, name Name) {
	t.Helper()
	started, _ := identity(os.Getpid())
	content, err := json.Marshal(process{PID: os.Getpid(), Started: started})
	if err != nil {
		t.Fatal(err)
	}
	if err := writeFile(s.pidFile(name), content); err != nil {
		t.Fatal(err)
	}
}

func TestTheStateFileHoldsAllOfAStackAndIsPrivate(t *testing.T) {
	s, config := openTemp(t)
	if err := s.settlePorts(); err != nil {
		t.Fatal(err)
	}
	loaded, err := Load(config.Dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(s, loaded, cmpopts.IgnoreUnexported(Stack{})); diff != "" {
		t.Error(diff)
	}
	again, err := Open(config)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(s, again, cmpopts.IgnoreUnexported(Stack{})); diff != "" {
		t.Errorf("a second run changed the stack: %s", diff)
	}
	info, err := os.Stat(s.StateFile())
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
}

func TestAFolderWithoutAStackIsTold(t *testing.T) {
	if _, err := Load(t.TempDir(), nil); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}

func TestSettingsDoNotChangeUnderARunningServer(t *testing.T) {
	s, config := openTemp(t)
	config.Neo4j.Password = "another"
	if _, err := Open(config); err != nil {
		t.Errorf("nothing runs yet: %v", err)
	}
	config.Neo4j.Password = "a third"
	s.runs(t, Neo4j)
	_, err := Open(config)
	if err == nil || !strings.HasSuffix(err.Error(), "runs with other settings than these: stop it first (make stack-stop)") {
		t.Error(err)
	}
}

func TestAPortIsKeptUnlessSomebodyElseHasIt(t *testing.T) {
	s, _ := openTemp(t)
	if err := s.settlePorts(); err != nil {
		t.Fatal(err)
	}
	kept := s.Database.Port
	if err := s.settlePorts(); err != nil || s.Database.Port != kept {
		t.Errorf("port %d became %d, %v", kept, s.Database.Port, err)
	}
	listener, err := net.Listen("tcp", localAddress(kept))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	if err := s.settlePorts(); err != nil || s.Database.Port == kept {
		t.Errorf("port %d is taken and was kept, %v", kept, err)
	}
	s.Database.Port = kept
	s.runs(t, PostgREST)
	if err := s.settlePorts(); err != nil || s.Database.Port != kept {
		t.Errorf("port %d changed under a client that runs, %v", kept, err)
	}
}

func TestATakenPortIsToldInASentence(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	s, _ := openTemp(t)
	s.Neo4j.URI = "bolt://" + listener.Addr().String()
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	want := "Neo4j " + neo4jVersion + ": port " + port + " is taken by another program: " +
		"end that program, or choose another port (NEO4J_URI)"
	if err := s.Start(t.Context(), Neo4j); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestDataOfAnotherPasswordAreToldBeforeNeo4jStarts(t *testing.T) {
	s, _ := openTemp(t)
	if err := os.MkdirAll(filepath.Dir(s.neo4jOwner()), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(s.neo4jOwner(), []byte("of another"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := neo4jCommand(t.Context(), s); err == nil || err.Error() != s.otherPassword().Error() {
		t.Error(err)
	}
}

func TestPostgRESTIsNotStartedWithoutItsDatabase(t *testing.T) {
	s, _ := openTemp(t)
	if err := os.MkdirAll(s.postgrestPrograms(), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := platformOf("PostgREST", machine(), postgrestPlatforms); err != nil {
		t.Skip(err)
	}
	err := s.Start(t.Context(), PostgREST)
	if err == nil || !strings.HasSuffix(err.Error(), "needs postgres, which does not run") {
		t.Error(err)
	}
}

func TestUnknownServersAreRefused(t *testing.T) {
	s, _ := openTemp(t)
	const want = `there is no server "redis": neo4j, postgres, postgrest or gateway`
	for _, err := range []error{s.Start(t.Context(), "redis"), s.Stop(t.Context(), "redis"), new(Name).UnmarshalText([]byte("redis"))} {
		if err == nil || err.Error() != want {
			t.Error(err)
		}
	}
}

func TestPostgreSQLIsReadyWhenItAsksForThePassword(t *testing.T) {
	for answer, ready := range map[string]bool{"R": true, "E": false, "": false} {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		served := make(chan struct{})
		go func() {
			defer close(served)
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			hello := make([]byte, 256)
			_, _ = conn.Read(hello)
			_, _ = conn.Write([]byte(answer))
			_ = conn.Close()
		}()
		s, _ := openTemp(t)
		s.Database.Port = listener.Addr().(*net.TCPAddr).Port
		if err := postgresReady(t.Context(), s); (err == nil) != ready {
			t.Errorf("answer %q: %v", answer, err)
		}
		_ = listener.Close()
		<-served
	}
}
