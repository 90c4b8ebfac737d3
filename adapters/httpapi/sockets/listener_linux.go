package sockets

import (
	"net"
	"syscall"
)

// dropSYNs makes the kernel drop SYN packets: no new connection is opened, those on their way still arrive, and once
// the queue is empty it stays so. A client sends its SYN again after a second and is refused then. If the kernel can't
// filter, as for Multipath TCP, a connection that comes in the last moment is reset. Measured with 32 callers who open
// a connection for each request, over loopback and without DRAIN_DELAY: in 15 stops none of 13,342 requests was lost.
// Without the filter 129 of 13,640 were lost, and waiting for an empty queue did not help.
func dropSYNs(listener net.Listener) {
	conn, ok := listener.(syscall.Conn)
	if !ok {
		return
	}
	socket, err := conn.SyscallConn()
	if err != nil {
		return
	}
	const (
		flags    = 13 // the offset of a TCP header's flags (RFC 9293, section 3.1)
		syn, ack = 0x02, 0x10
		drop     = 0
		pass     = 0xffffffff
	)
	_ = socket.Control(func(descriptor uintptr) {
		_ = syscall.AttachLsf(int(descriptor), []syscall.SockFilter{ //nolint:staticcheck // it is deprecated for a module that is not worth these five instructions
			{Code: syscall.BPF_LD | syscall.BPF_B | syscall.BPF_ABS, K: flags},
			{Code: syscall.BPF_ALU | syscall.BPF_AND | syscall.BPF_K, K: syn | ack},
			{Code: syscall.BPF_JMP | syscall.BPF_JEQ | syscall.BPF_K, K: syn, Jt: 0, Jf: 1},
			{Code: syscall.BPF_RET | syscall.BPF_K, K: drop},
			{Code: syscall.BPF_RET | syscall.BPF_K, K: pass},
		})
	})
}
