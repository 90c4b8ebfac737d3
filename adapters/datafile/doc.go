// Package datafile reads the input files of the commands: CSV (RFC 4180) and JSON lines, plain or gzip, from a path or
// from standard input.
//
// A file is read correctly or refused. The first 20 faults are reported together, each with its line, and a reader that
// has found a fault returns no data. A byte order mark, CRLF, quotes and blank lines are accepted. Text that isn't
// UTF-8, NUL bytes, rows of the wrong length, rows above 16 MiB and tables of more than 20,000 columns are faults.
//
// Open returns the bytes, NewTable rows of named columns, and ReadResponses the responses for a calibration.
package datafile
