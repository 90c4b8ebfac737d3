// Package bench measures Journey API beside other programs that answer the same. `make bench` builds what it needs, runs
// its benchmarks in rounds, so that what else the machine does falls on all of them, and has benchstat compare them.
//
// servers_test.go has the programs, a row for each, and the load; http_test.go what is asked of them, a row for each line
// of the tables; calibrate_test.go measures the command that calibrates. Every server is a process of its own, on one
// processor if there are more; the load has the others. Every reply has to have its row's status, and servers that are
// compared have to give the same reply at first: anything else is a failure.
package bench
