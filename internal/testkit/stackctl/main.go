// Command stackctl is behind `make stack`, `make stack-stop`, `make stack-status` and
// `make integration`: it starts, lists and stops the real servers of package stack.
// Exit codes: 0; 1 it could not be done, in one sentence; 2 wrong usage; exec: the program's own.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/journey-os/journey-api/internal/testkit/stack"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

type command struct {
	Env      string `default:".env" help:"File with the service's settings; the environment beats it." placeholder:"FILE"`
	StateDir string `default:".stack" help:"Folder for state, data and logs." placeholder:"DIR"`
	CacheDir string `help:"Folder for the servers' programs (default: in the user's cache folder)." placeholder:"DIR"`

	Start   startCommand   `cmd:"" help:"Start the servers and return when they are ready; they stay in the background."`
	Stop    stopCommand    `cmd:"" help:"Stop the servers; their data stay."`
	Status  statusCommand  `cmd:"" help:"Show which servers run."`
	Exec    execCommand    `cmd:"" help:"Run a program with fresh servers of its own, then remove them."`
	Gateway gatewayCommand `cmd:"" hidden:"" help:"Be the gateway."`

	stdout, stderr io.Writer
}

// exitError is an exit code that needs no words.
type exitError int

func (e exitError) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	command := command{stdout: stdout, stderr: stderr}
	helped := false
	parser, err := kong.New(&command, kong.Name("stackctl"), kong.Description("The real servers, without Docker."),
		kong.Writers(stdout, stderr), kong.Exit(func(int) { helped = true }), kong.BindTo(ctx, (*context.Context)(nil)))
	if err != nil {
		return report(stderr, 1, err)
	}
	chosen, err := parser.Parse(args)
	switch {
	case helped:
		return 0
	case err != nil:
		return report(stderr, 2, err)
	}
	err = chosen.Run(&command)
	var code exitError
	switch {
	case errors.As(err, &code):
		return int(code)
	case ctx.Err() != nil && err != nil:
		return report(stderr, 1, errors.New("interrupted"))
	case err != nil:
		return report(stderr, 1, err)
	}
	return 0
}

func report(stderr io.Writer, code int, err error) int {
	_, _ = fmt.Fprintln(stderr, err)
	return code
}

type startCommand struct {
	Servers []stack.Name `arg:"" optional:"" help:"neo4j, postgres, postgrest, gateway; all for none."`
}

func (c *startCommand) Run(ctx context.Context, all *command) error {
	settings, err := stack.ReadSettings(all.Env, environment())
	if err != nil {
		return err
	}
	program, err := os.Executable()
	if err != nil {
		return err
	}
	unlock, err := stack.Lock(all.StateDir)
	if err != nil {
		return err
	}
	defer unlock()
	s, err := stack.Open(stack.Config{
		Settings: settings, Dir: all.StateDir, CacheDir: all.CacheDir, Program: program, Output: all.stdout,
	})
	if err != nil {
		return err
	}
	return s.Start(ctx, c.Servers...)
}

func environment() map[string]string {
	values := map[string]string{}
	for _, variable := range os.Environ() {
		name, value, _ := strings.Cut(variable, "=")
		values[name] = value
	}
	return values
}

type stopCommand struct {
	Servers []stack.Name `arg:"" optional:"" help:"neo4j, postgres, postgrest, gateway; all for none."`
}

func (c *stopCommand) Run(ctx context.Context, all *command) error {
	s, err := stack.Load(all.StateDir, all.stdout)
	if errors.Is(err, fs.ErrNotExist) {
		return say(all.stdout, "no servers were started here")
	}
	if err != nil {
		return err
	}
	unlock, err := stack.Lock(all.StateDir)
	if err != nil {
		return err
	}
	defer unlock()
	return s.Stop(ctx, c.Servers...)
}

type statusCommand struct{}

func (statusCommand) Run(ctx context.Context, all *command) error {
	s, err := stack.Load(all.StateDir, all.stdout)
	if errors.Is(err, fs.ErrNotExist) {
		return say(all.stdout, "no servers were started here")
	}
	if err != nil {
		return err
	}
	return s.Status(ctx, all.stdout)
}

func say(out io.Writer, line string) error {
	_, err := fmt.Fprintln(out, line)
	return err
}

type execCommand struct {
	Command []string `arg:"" passthrough:"" help:"The program and its arguments, after --."`
}

// Validate also finds the program, before servers are started for it.
func (c *execCommand) Validate() error {
	if len(c.Command) > 0 && c.Command[0] == "--" {
		c.Command = c.Command[1:]
	}
	if len(c.Command) == 0 {
		return errors.New("a program to run is missing")
	}
	_, err := exec.LookPath(c.Command[0])
	return err
}

func (c *execCommand) Run(ctx context.Context, all *command) (err error) {
	program, err := os.Executable()
	if err != nil {
		return err
	}
	// The lines about the servers go to stderr: stdout is the program's.
	s, err := stack.Fresh(all.CacheDir, program, all.stderr)
	if err != nil {
		return err
	}
	defer func() {
		if fault := s.Remove(context.WithoutCancel(ctx)); fault != nil {
			err = errors.Join(err, fault)
		}
	}()
	if err := s.Start(ctx); err != nil {
		return err
	}
	code, err := s.Exec(ctx, c.Command, all.stdout, all.stderr)
	if err != nil {
		return err
	}
	if code != 0 {
		return exitError(code)
	}
	return nil
}

type gatewayCommand struct{}

func (gatewayCommand) Run(ctx context.Context, all *command) error {
	s, err := stack.Load(all.StateDir, nil)
	if err != nil {
		return err
	}
	return s.ServeGateway(ctx)
}
