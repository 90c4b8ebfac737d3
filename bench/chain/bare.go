package chain

import "github.com/gofiber/fiber/v2"

// Bare is Fiber and nothing else: each route encodes the same value again and again.
func Bare(me Envelope[Me], health Envelope[Health]) *fiber.App {
	app := fiber.New(fiber.Config{DisableStartupMessage: true})
	app.Get("/api/me", func(c *fiber.Ctx) error { return c.JSON(me) })
	app.Get("/health", func(c *fiber.Ctx) error { return c.JSON(health) })
	return app
}
