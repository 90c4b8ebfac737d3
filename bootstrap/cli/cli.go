// Package cli is the command line: the subcommands of journey-api, a file each. A command that needs settings calls
// load or loadFor. Results are on stdout, messages for people on stderr.
package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/alecthomas/kong"

	"github.com/journey-os/journey-api/adapters/config"
)

// The exit codes of every subcommand.
const (
	ExitOK       = 0
	ExitCouldNot = 1
	ExitUsage    = 2
)

// Process is what the operating system gives a program, and the program's version.
type Process struct {
	Arguments      []string
	Environment    map[string]string
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Version        string
}

// defaultEnvFile is read if it exists; a named file must exist.
const defaultEnvFile = ".env"

// commandLine is the grammar of the command line. Each subcommand's Run returns its exit code as an exit, or nil.
type commandLine struct {
	EnvFile string `name:"env-file" placeholder:"PATH" help:"Read settings from this file instead of .env."`

	Serve       serveCommand       `cmd:"" default:"withargs" help:"Run the service (the default)."`
	Init        initCommand        `cmd:"" help:"Make a .env with fresh secrets, never over an old one."`
	Token       tokenCommand       `cmd:"" help:"Print an access token for development."`
	Account     accountCommand     `cmd:"" help:"Set a user's role and institution at Supabase."`
	Healthcheck healthcheckCommand `cmd:"" help:"Check that the running service is alive; for containers."`
	Config      configCommand      `cmd:"" help:"Show the settings in force, masked, and where each came from."`
	Openapi     openapiCommand     `cmd:"" help:"Print the OpenAPI document."`
	Migrate     migrateCommand     `cmd:"" help:"Bring the database's schema up to date."`
	Import      importCommand      `cmd:"" help:"Put concepts, prerequisites, items or attempts from a file into the database."`
	Backup      backupCommand      `cmd:"" help:"Copy the embedded database, while the service runs."`
	Sync        syncCommand        `cmd:"" help:"Write to the graph now what it does not have yet."`
	Demo        demoCommand        `cmd:"" help:"Add the demo bank and simulated students with their answers."`
	Calibrate   calibrateCommand   `cmd:"" help:"Calibrate items from a file of responses; needs no setting."`
	Report      reportCommand      `cmd:"" help:"Write the report of a calibration that the service ran."`
	Fit         fitCommand         `cmd:"" help:"Fit the mastery parameters of concepts from a file of answers; needs no setting."`
	Explain     explainCommand     `cmd:"" help:"Explain why a question was picked, or which comes next in cases from files."`
	Simulate    simulateCommand    `cmd:"" help:"Measure the pick with simulated students; needs no setting."`
	Version     versionCommand     `cmd:"" help:"Print the version."`
}

// exit is an exit code as an error, with the sentence for stderr.
type exit struct {
	code    int
	message string
}

func (e exit) Error() string { return e.message }

func failf(format string, values ...any) error {
	return exit{code: ExitCouldNot, message: fmt.Sprintf(format, values...)}
}

// written turns a failed write into an error that the result could not be printed, so that a part of it is not taken
// for the whole.
func written(err error) error {
	if err != nil {
		return failf("can't print it: %v", err)
	}
	return nil
}

// Execute runs a subcommand and returns its exit code.
func Execute(p Process) int {
	var line commandLine
	asked := -1 // the code of an early way out: --help
	parser, err := kong.New(&line,
		kong.Name("journey-api"),
		kong.Description("The runtime of Journey OS's learning algorithms."),
		kong.Writers(p.Stdout, p.Stderr),
		kong.Exit(func(code int) { asked = code }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.Bind(p),
	)
	if err != nil {
		return report(p, err)
	}
	context, err := parser.Parse(p.Arguments)
	switch {
	case asked >= 0:
		return asked
	case err != nil:
		return report(p, exit{code: ExitUsage, message: err.Error() + " (see journey-api --help)"})
	}
	return report(p, context.Run(&line))
}

func report(p Process, err error) int {
	if err == nil {
		return ExitOK
	}
	code := ExitCouldNot
	if known, ok := errors.AsType[exit](err); ok {
		code = known.code
	}
	say(p.Stderr, "journey-api: "+err.Error()+"\n")
	return code
}

// stderrTime is how long a write to stderr may take.
const stderrTime = time.Second

// say writes a message for a person, in one write. It ignores errors. It does not wait for a pipe that nobody reads, so
// that the service still serves and the process still ends.
func say(stderr io.Writer, text string) {
	written := make(chan struct{})
	go func() {
		_, _ = io.WriteString(stderr, text)
		close(written)
	}()
	late := time.NewTimer(stderrTime)
	defer late.Stop()
	select {
	case <-written:
	case <-late.C:
	}
}

// load reads the settings for a command that needs all those of the service; its error has every fault.
func load(p Process, line *commandLine) (config.Loaded, error) {
	return loadWith(p, line, config.Load)
}

// loadFor is load for a command that needs only these settings, or none.
func loadFor(p Process, line *commandLine, needed ...string) (config.Loaded, error) {
	return loadWith(p, line, func(environment map[string]string, dotenv config.Source) (config.Loaded, error) {
		return config.LoadFor(needed, environment, dotenv)
	})
}

func loadWith(p Process, line *commandLine, read func(map[string]string, config.Source) (config.Loaded, error)) (config.Loaded, error) {
	source := config.OptionalFile(defaultEnvFile)
	if line.EnvFile != "" {
		source = config.File(line.EnvFile)
	}
	loaded, err := read(p.Environment, source)
	if err == nil {
		return loaded, nil
	}
	for _, warning := range loaded.Warnings {
		say(p.Stderr, "warning: "+warning.String()+"\n")
	}
	message := settingsFault(err)
	if _, fault := os.Stat(defaultEnvFile); line.EnvFile == "" && errors.Is(fault, fs.ErrNotExist) && p.Environment["APP_ENV"] != "production" {
		message += "\nThere is no " + defaultEnvFile + " here: journey-api init makes one with fresh secrets."
	}
	return config.Loaded{}, exit{code: ExitUsage, message: message}
}

func settingsFault(err error) string {
	if faults, ok := errors.AsType[config.Faults](err); ok {
		return "the settings can't be used\n\n" + faults.Table()
	}
	return err.Error()
}
