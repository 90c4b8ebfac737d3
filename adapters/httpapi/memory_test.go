package httpapi_test

import (
	"io"
	"strings"
	"testing"

	"runtime"

	"github.com/journey-os/journey-api/adapters/httpapi"
	"github.com/journey-os/journey-api/internal/testkit/wait"
)

// It runs alone: what others allocate meanwhile would be counted.
func TestAnOpenConnectionTakesNoMoreThanIsSaid(t *testing.T) {
	const connections, inFlight = 200, 128
	for name, tt := range map[string]struct{ head, body string }{
		"while the first bytes of a body are awaited": {"POST /api/me HTTP/1.1\r\n" + host + "Content-Length: 4096\r\n", strings.Repeat("x", 4095)},
		"while a verified caller's body is awaited":   {post + "Content-Length: 4097\r\n", strings.Repeat("x", 4096)},
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t, func(o *options) { o.Config.MaxInFlight = inFlight })
			before := heldMemory()
			head := tt.head + "X-Fill: "
			head += strings.Repeat("x", 16<<10-len(head)-100) + "\r\n\r\n"
			for range connections {
				if _, err := io.WriteString(s.Dial(), head+tt.body); err != nil {
					t.Fatal(err)
				}
			}
			bodies := 0
			if strings.HasPrefix(tt.head, post) {
				bodies = connections * 4097
			}
			if !wait.For(func() bool {
				stats := s.Server.Stats()
				return stats.Connections == connections && stats.BodyBytes == bodies
			}) {
				t.Fatalf("not all were taken: %+v", s.Server.Stats())
			}
			each := (heldMemory() - before - bodies) / connections
			t.Logf("%d bytes each", each)
			if most := memoryOfConnection(16 << 10); each > most && !raceDetector {
				t.Errorf("an open connection takes %d bytes, more than %d", each, most)
			}
		})
	}
}

// memoryOfConnection is what MostMemory counts for one.
func memoryOfConnection(maxHeader int) int {
	connections := func(inFlight int) int {
		return httpapi.Config{MaxHeaderBytes: maxHeader, MaxInFlight: inFlight, MaxBodyBytes: 1}.MostMemory() - inFlight*64<<10
	}
	return (connections(2) - connections(1)) / 5
}

// heldMemory is what the process holds of heap and stacks.
func heldMemory() int {
	runtime.GC()
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int(stats.HeapAlloc + stats.StackInuse)
}
