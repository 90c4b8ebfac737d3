// Package sqlitedb is the embedded store: one file, nothing to install, no C. One connection writes. It commits waiting
// changes together in one transaction, and callers are told once that is on disk. A pool of connections reads
// concurrently.
package sqlitedb
