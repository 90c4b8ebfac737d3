package cli

import (
	"fmt"
	"os"
	"syscall"

	"github.com/journey-os/journey-api/bootstrap/app"
)

type backupCommand struct {
	File string `arg:"" help:"The copy; a file that is there already is left as it is."`
}

// Help is shown below the usage.
func (backupCommand) Help() string {
	return "Copies the embedded database of DATABASE_URL as it is at one moment, while the service reads and writes it, and " +
		"checks that the copy is complete. The copy is one file that you alone can read. To restore it, stop the service, " +
		"remove the database with its -wal and -shm, and put the copy in its place. No other setting is needed."
}

// Run makes the copy and prints its path.
func (b backupCommand) Run(p Process, line *commandLine) error {
	settings, err := loadDatabase(p, line)
	if err != nil {
		return err
	}
	backup, err := app.Backup(settings, b.File)
	if err != nil {
		return failf("%s is on a server, and backup copies an embedded database: use pg_dump, or the backups of whoever runs the server",
			settings.Database.Address())
	}
	ctx, _, release := untilSignals(os.Interrupt, syscall.SIGTERM)
	defer release()
	stop := showProgress(p, func() progress {
		done, total := backup.Progress()
		return progress{"copying", min(done, max(total, 1)), total}
	})
	size, err := backup.Run(ctx)
	stop()
	if err != nil {
		return stoppedOr(ctx, err)
	}
	_, err = fmt.Fprintf(p.Stdout, "copied %s to %s: %.1f MB, whole\n", settings.Database.Address(), b.File, float64(size)/1e6)
	return written(err)
}
