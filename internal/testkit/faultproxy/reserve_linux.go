package faultproxy

import (
	"net"
	"strconv"
	"syscall"
)

// reserve finds a free port of 127.0.0.1 and keeps it from everybody else until release, also while nobody listens on
// it: a socket that is bound and does not listen leaves the port to listeners that name it (both sides have
// SO_REUSEADDR, as Go's listeners do), and the system gives it to no outgoing connection.
func reserve() (address string, release func(), err error) {
	socket, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return "", nil, err
	}
	release = func() { _ = syscall.Close(socket) }
	port, err := bind(socket)
	if err != nil {
		release()
		return "", nil, err
	}
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)), release, nil
}

func bind(socket int) (port int, err error) {
	if err := syscall.SetsockoptInt(socket, syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1); err != nil {
		return 0, err
	}
	if err := syscall.Bind(socket, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		return 0, err
	}
	bound, err := syscall.Getsockname(socket)
	if err != nil {
		return 0, err
	}
	local, isIPv4 := bound.(*syscall.SockaddrInet4)
	if !isIPv4 {
		return 0, syscall.EAFNOSUPPORT
	}
	return local.Port, nil
}
