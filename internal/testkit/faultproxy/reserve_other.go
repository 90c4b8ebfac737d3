//go:build !linux

package faultproxy

import "net"

// reserve finds a free port of 127.0.0.1. Here nothing keeps others from it while nobody listens.
func reserve() (address string, release func(), err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	return listener.Addr().String(), func() {}, listener.Close()
}
