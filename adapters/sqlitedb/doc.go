// Package sqlitedb is the embedded store: one file, nothing to install, no C. One connection writes and commits what
// waits in one transaction, on disk before anyone is told; a pool of connections reads beside it.
package sqlitedb
