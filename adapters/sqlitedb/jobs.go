package sqlitedb

import "database/sql"

// queueing are the pragmas of the job queue's connection. It waits for the writer, which pauses after each of its
// transactions.
var queueing = []string{"journal_mode(WAL)", "synchronous(FULL)", "busy_timeout(10000)", "cache_size(-2000)", "wal_autocheckpoint(16000)"}

// OpenQueue opens one connection to the file at path for the queue of jobs, which keeps tables of its own there. Its
// transactions take the write lock when they begin: one that began by reading could not wait for it.
func OpenQueue(path string) (*sql.DB, error) {
	db, err := sql.Open("sqlite", dataSource(path, queueing...)+"&_txlock=immediate")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	return db, nil
}
