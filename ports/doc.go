// Package ports is the catalogue of what Journey API needs from outside, as interfaces. Here "port" means interface,
// never a network port and never a handler. Each says who calls it and who implements it:
//
//	go doc -short ./ports
//
// An interface stands here if outer code alone calls it, and as an alias of core's if core calls it, so that this
// package is complete and there is never a second method set. An interface's comment is its contract; if a port has
// two implementations, portstest has a suite that holds each of them to it.
//
// Beside the interfaces stand packages that adapters need and none may take from another: masking, which takes secrets
// out of texts, netfault, which names what went wrong on a network, and loopback, which knows the names of this machine.
package ports
