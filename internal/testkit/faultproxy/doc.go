// Package faultproxy is a TCP proxy on loopback that simulates network faults, for tests: in front of a real server or
// a stand-in it shows the client every way in which a network or a server fails.
//
//	proxy := faultproxy.Start(t, "127.0.0.1:7687") // ends with the test; New and Close if there is no test
//	uri := "bolt://" + proxy.Address()
//	err := proxy.Set(faultproxy.Refuse())          // from now on, for new connections and for those that stand
//	err = proxy.Set(faultproxy.Pass())             // and well again, on the same port
//
// The faults:
//
//	Pass               bytes go through as they are; a new proxy does this
//	Refuse             nobody listens, and the connections that stand are closed, as when a server's process ends
//	Swallow            connections are accepted and read, and nothing is ever answered
//	Silent             connections are accepted and never read, nor is anything answered: what is under way waits
//	Delay(d)           each chunk of a reply comes d late
//	Trickle(d)         a reply comes a byte at a time, one each d
//	ResetAfter(n)      RST after n bytes of replies; 0 is in place of the first
//	HalfCloseAfter(n)  FIN after n bytes of replies, and nothing more; what the client sends is still read
//	WrongBytes         a reply's bytes come with all their bits turned, but for line ends
//
// Set takes effect at once, in the middle of a chunk too. ResetAfter and HalfCloseAfter count each connection by
// itself, from when they were set. A connection that Silent, Delay or Trickle delayed continues unchanged. One whose
// bytes were lost or falsified (Swallow, HalfCloseAfter, WrongBytes) can't continue, and is closed by the next Set of
// another fault.
//
// Toxiproxy does not suffice: it resets after a time and not after a number of bytes, always closes both halves, and
// falsifies nothing.
//
// The target is dialled when the client's first bytes are to be sent on, so it may be down before, and the protocol must
// be one in which the client speaks first, as in Bolt, HTTP and PostgreSQL's. If the target can't be dialled the
// connection is closed. All methods may be called from many goroutines at once.
package faultproxy
