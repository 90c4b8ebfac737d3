package httpapi

import (
	"net"
	"testing"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

func TestOnlyAPeerOnThisMachineIsFromThisMachine(t *testing.T) {
	t.Parallel()
	app := fiber.New()
	for peer, want := range map[string]bool{
		"127.0.0.1": true, "127.8.8.8": true, "::1": true, "::ffff:127.0.0.1": true,
		"192.0.2.1": false, "10.0.0.1": false, "172.17.0.1": false, "0.0.0.0": false, "::": false, "fe80::1": false, "2001:db8::1": false,
	} {
		var request fasthttp.RequestCtx
		request.Request.Header.SetHost("localhost:8000")
		request.SetRemoteAddr(&net.TCPAddr{IP: net.ParseIP(peer), Port: 40000})
		c := app.AcquireCtx(&request)
		if got := isFromThisMachine(c); got != want {
			t.Errorf("%s: %v, want %v", peer, got, want)
		}
		app.ReleaseCtx(c)
	}
}
