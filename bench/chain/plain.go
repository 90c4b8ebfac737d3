package chain

import (
	"io"
	"log/slog"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/cors"
	recovery "github.com/gofiber/fiber/v2/middleware/recover"
	"github.com/gofiber/fiber/v2/middleware/requestid"
	"github.com/golang-jwt/jwt/v5"
)

const claimsKey = "claims"

// Plain is the chain that people write: Fiber's own recover, requestid and cors, an access line by slog, and golang-jwt
// with map claims. It checks far less than Journey API does.
func Plain(secret []byte, log io.Writer) *fiber.App {
	app := fiber.New(fiber.Config{DisableStartupMessage: true})
	app.Use(recovery.New())
	app.Use(requestid.New())
	app.Use(cors.New(cors.Config{AllowOrigins: "http://localhost:3000,http://localhost:3001"}))
	app.Use(logRequests(slog.New(slog.NewJSONHandler(log, nil))))
	app.Get("/api/me", authenticate(secret), showMe)
	return app
}

func logRequests(log *slog.Logger) fiber.Handler {
	return func(c *fiber.Ctx) error {
		began := time.Now()
		err := c.Next()
		log.LogAttrs(c.UserContext(), slog.LevelInfo, "request",
			slog.Any("request_id", c.Locals("requestid")),
			slog.String("method", c.Method()),
			slog.String("route", c.Route().Path),
			slog.String("path", c.Path()),
			slog.Int("status", c.Response().StatusCode()),
			slog.Float64("duration_ms", float64(time.Since(began).Microseconds())/1000),
			slog.Int("bytes_out", len(c.Response().Body())),
			slog.String("client_ip", c.IP()),
			slog.String("user_id", subjectOf(c)),
		)
		return err
	}
}

func authenticate(secret []byte) fiber.Handler {
	parser := jwt.NewParser(
		jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}),
		jwt.WithAudience("authenticated"),
		jwt.WithExpirationRequired(),
	)
	return func(c *fiber.Ctx) error {
		bearer, found := strings.CutPrefix(c.Get(fiber.HeaderAuthorization), "Bearer ")
		if !found {
			return fiber.ErrUnauthorized
		}
		claims := jwt.MapClaims{}
		if _, err := parser.ParseWithClaims(bearer, claims, func(*jwt.Token) (any, error) { return secret, nil }); err != nil {
			return fiber.ErrUnauthorized
		}
		c.Locals(claimsKey, claims)
		return c.Next()
	}
}

func showMe(c *fiber.Ctx) error {
	claims, _ := c.Locals(claimsKey).(jwt.MapClaims)
	account, _ := claims["app_metadata"].(map[string]any)
	return c.JSON(Envelope[Me]{Data: Me{
		Sub:              textOf(claims["sub"]),
		Email:            textOf(claims["email"]),
		Role:             textOf(account["role"]),
		InstitutionID:    textOf(account["institution_id"]),
		IsCourseDirector: account["is_course_director"] == true,
		Aud:              textOf(claims["aud"]),
		Exp:              secondsOf(claims["exp"]),
		Iat:              secondsOf(claims["iat"]),
	}})
}

func subjectOf(c *fiber.Ctx) string {
	claims, _ := c.Locals(claimsKey).(jwt.MapClaims)
	return textOf(claims["sub"])
}

func textOf(value any) string {
	text, _ := value.(string)
	return text
}

func secondsOf(value any) int64 {
	seconds, _ := value.(float64)
	return int64(seconds)
}
