package stack

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
)

// Config says where a stack lives and what it shares with the service.
type Config struct {
	Settings
	Dir      string    // state, data, logs; made if it is missing
	CacheDir string    // the servers' programs; "" is the user's cache folder
	Program  string    // the stackctl program, which is the gateway too
	Output   io.Writer // plain lines about what happens; nil for none
}

// Stack is a set of servers and what clients need to reach them. Its exported
// fields are the state file; treat them as read-only.
type Stack struct {
	Settings
	Database PostgresSettings  `json:"postgres"`
	REST     PostgRESTSettings `json:"postgrest"`
	CacheDir string            `json:"cache_dir"`
	Program  string            `json:"program"`

	dir     string
	output  io.Writer
	talking sync.Mutex
}

// PostgresSettings are how PostgREST logs in, on this port of 127.0.0.1 as the role authenticator.
type PostgresSettings struct {
	Port     int    `json:"port"`
	Password string `json:"password"`
	Dir      string `json:"dir"`
}

// PostgRESTSettings are the port of 127.0.0.1 that the gateway stands before.
type PostgRESTSettings struct {
	Port int `json:"port"`
}

const stateName = "stack.json"

// Open makes or finds the stack in cfg.Dir and gives it the settings of cfg.
// It fails if a server that runs was started with other settings.
func Open(cfg Config) (*Stack, error) {
	dir, err := filepath.Abs(cfg.Dir)
	if err != nil {
		return nil, err
	}
	s, err := Load(dir, cfg.Output)
	if errors.Is(err, fs.ErrNotExist) {
		s, err = create(dir, cfg.Output)
	}
	if err != nil {
		return nil, err
	}
	fresh := &Stack{
		Settings: cfg.Settings, Database: s.Database, REST: s.REST,
		CacheDir: cfg.CacheDir, Program: cfg.Program, dir: dir, output: cfg.Output,
	}
	if fresh.CacheDir == "" {
		if fresh.CacheDir, err = defaultCacheDir(); err != nil {
			return nil, err
		}
	}
	if fresh.CacheDir, err = filepath.Abs(fresh.CacheDir); err != nil {
		return nil, err
	}
	for _, sv := range servers() {
		if s.process(sv.name).running() && sv.shared(s) != sv.shared(fresh) {
			return nil, fmt.Errorf("%s runs with other settings than these: stop it first (make stack-stop)", sv.title)
		}
	}
	return fresh, fresh.save()
}

// Load finds the stack in dir; the error is fs.ErrNotExist if there is none.
func Load(dir string, output io.Writer) (*Stack, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	content, err := os.ReadFile(filepath.Join(dir, stateName))
	if err != nil {
		return nil, err
	}
	s := &Stack{dir: dir, output: output}
	if err := json.Unmarshal(content, s); err != nil {
		return nil, fmt.Errorf("%s is damaged: end the servers by hand and delete %s", stateName, dir)
	}
	return s, nil
}

func create(dir string, output io.Writer) (*Stack, error) {
	mode := os.FileMode(0o700)
	if isRoot() {
		mode = 0o711 // PostgreSQL runs as another user
	}
	for _, folder := range []string{dir, filepath.Join(dir, "log"), filepath.Join(dir, "pid")} {
		if err := os.MkdirAll(folder, mode); err != nil {
			return nil, err
		}
	}
	return &Stack{dir: dir, output: output, Database: PostgresSettings{Password: rand.Text()}}, os.Chmod(dir, mode)
}

func (s *Stack) save() error {
	content, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	return writeFile(s.StateFile(), append(content, '\n'))
}

// settlePorts chooses the ports that no setting names. A port is kept, unless
// somebody else took it while neither its server nor that server's client ran.
func (s *Stack) settlePorts() error {
	for _, choice := range []struct {
		port *int
		used []Name
	}{
		{&s.Database.Port, []Name{Postgres, PostgREST}},
		{&s.REST.Port, []Name{PostgREST, Gateway}},
	} {
		inUse := s.process(choice.used[0]).running() || s.process(choice.used[1]).running()
		if inUse || *choice.port != 0 && checkPort(localAddress(*choice.port), "") == nil {
			continue
		}
		ports, err := freePorts(1)
		if err != nil {
			return err
		}
		*choice.port = ports[0]
	}
	return s.save()
}

// StateFile is what JOURNEY_STACK names.
func (s *Stack) StateFile() string { return filepath.Join(s.dir, stateName) }

func (s *Stack) pidFile(name Name) string { return filepath.Join(s.dir, "pid", string(name)+".json") }

func (s *Stack) logFile(name Name) string { return filepath.Join(s.dir, "log", string(name)+".log") }

func (s *Stack) process(name Name) process { return readProcess(s.pidFile(name)) }

// say writes one line for people.
func (s *Stack) say(format string, args ...any) {
	if s.output == nil {
		return
	}
	s.talking.Lock()
	defer s.talking.Unlock()
	_, _ = fmt.Fprintf(s.output, format+"\n", args...)
}
