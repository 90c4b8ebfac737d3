// Package datafile reads the files that people hand to the commands: CSV (RFC 4180) and JSON lines, plain or gzip, from
// a path or from standard input.
//
// A file is read right or refused. What is wrong is told with its line, the first 20 faults at once, and a reader that
// has found a fault gives no data. A byte order mark, CRLF, quotes and blank lines are read as they are meant; text
// that isn't UTF-8, NUL bytes, rows of the wrong length, rows above 16 MiB and tables of more than 20,000 columns are
// faults.
//
// Open gives the bytes, NewTable rows of named columns, ReadResponses the responses that a calibration takes.
package datafile
