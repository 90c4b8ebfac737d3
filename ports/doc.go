// Package ports lists the interfaces that Journey API needs from outside. Here "port" means interface, never a network
// port and never a handler. The comment of each names its callers and its implementations:
//
//	go doc -short ./ports
//
// An interface is declared here if only outer code calls it. If core calls it, it is declared in core, and here is an
// alias of it. So this package is complete, and there is never a second method set. An interface's comment is its
// contract. If a port has two implementations, portstest has a suite that tests each of them against it.
//
// The packages below are for adapters, which may not import one another: correlation names the header of correlation
// ids, masking removes secrets from texts, netfault names network faults, and loopback recognises the names of this
// machine.
package ports
