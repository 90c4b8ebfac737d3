// Command rival serves one of the chains that Journey API is measured against: Fiber alone, or Fiber with the middleware
// that most services put in front of a route. Both answer what Journey API answers, which the benchmark checks.
package main

import (
	"encoding/json"
	"log"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/cors"
	recovery "github.com/gofiber/fiber/v2/middleware/recover"
	"github.com/gofiber/fiber/v2/middleware/requestid"
	"github.com/golang-jwt/jwt/v5"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// envelope is a reply, with a me or a health.
type envelope[T any] struct {
	Data  T         `json:"data"`
	Error *struct{} `json:"error"`
}

type me struct {
	Sub              string `json:"sub"`
	Email            string `json:"email"`
	Role             string `json:"role"`
	InstitutionID    string `json:"institution_id"`
	IsCourseDirector bool   `json:"is_course_director"`
	Aud              string `json:"aud"`
	Exp              int64  `json:"exp"`
	Iat              int64  `json:"iat"`
}

type health struct {
	Status        string  `json:"status"`
	Version       string  `json:"version"`
	Timestamp     string  `json:"timestamp"`
	UptimeSeconds float64 `json:"uptime_seconds"`
	Dependencies  map[string]struct {
		Status    string   `json:"status"`
		LatencyMS *float64 `json:"latency_ms"`
		Error     string   `json:"error,omitempty"`
	} `json:"dependencies"`
}

func main() {
	app := fiber.New(fiber.Config{DisableStartupMessage: true})
	go func() { log.Fatal(http.ListenAndServe(os.Getenv("METRICS_ADDR"), promhttp.Handler())) }() // has what was allocated
	if os.Args[1] == "bare" {
		app.Get("/api/me", same[me](os.Getenv("ME")))
		app.Get("/health", same[health](os.Getenv("HEALTH")))
	} else {
		usual(app, []byte(os.Getenv("JWT_SECRET")))
	}
	log.Fatal(app.Listen("127.0.0.1:" + os.Getenv("API_PORT")))
}

// same encodes the value that a reply of the service's has, again and again.
func same[T any](reply string) fiber.Handler {
	var value envelope[T]
	if err := json.Unmarshal([]byte(reply), &value); err != nil {
		log.Fatal(err)
	}
	return func(c *fiber.Ctx) error { return c.JSON(value) }
}

// usual is Fiber's own recover, requestid and cors, an access line by slog, and golang-jwt with map claims. It checks far
// less than Journey API does.
func usual(app *fiber.App, secret []byte) {
	lines := slog.New(slog.NewJSONHandler(os.Stdout, nil))
	parser := jwt.NewParser(jwt.WithValidMethods([]string{"HS256"}), jwt.WithAudience("authenticated"), jwt.WithExpirationRequired())
	app.Use(recovery.New(), requestid.New(), cors.New(cors.Config{AllowOrigins: "http://localhost:3000,http://localhost:3001"}))
	app.Use(func(c *fiber.Ctx) error {
		began := time.Now()
		err := c.Next()
		claims, _ := c.Locals("claims").(jwt.MapClaims)
		lines.LogAttrs(c.UserContext(), slog.LevelInfo, "request",
			slog.Any("request_id", c.Locals("requestid")), slog.String("method", c.Method()), slog.String("route", c.Route().Path),
			slog.String("path", c.Path()), slog.Int("status", c.Response().StatusCode()),
			slog.Float64("duration_ms", float64(time.Since(began).Microseconds())/1000),
			slog.Int("bytes_out", len(c.Response().Body())), slog.String("client_ip", c.IP()), slog.Any("user_id", claims["sub"]))
		return err
	})
	app.Get("/api/me", func(c *fiber.Ctx) error {
		claims := jwt.MapClaims{}
		bearer := strings.TrimPrefix(c.Get(fiber.HeaderAuthorization), "Bearer ")
		if _, err := parser.ParseWithClaims(bearer, claims, func(*jwt.Token) (any, error) { return secret, nil }); err != nil {
			return fiber.ErrUnauthorized
		}
		c.Locals("claims", claims)
		account, _ := claims["app_metadata"].(map[string]any)
		text := func(value any) string { word, _ := value.(string); return word }
		seconds := func(value any) int64 { number, _ := value.(float64); return int64(number) }
		return c.JSON(envelope[me]{Data: me{
			text(claims["sub"]), text(claims["email"]), text(account["role"]), text(account["institution_id"]),
			account["is_course_director"] == true, text(claims["aud"]), seconds(claims["exp"]), seconds(claims["iat"]),
		}})
	})
}
