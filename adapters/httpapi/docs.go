package httpapi

import (
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/adaptor"
	"github.com/swaggest/swgui"
	"github.com/swaggest/swgui/v5emb"

	"github.com/journey-os/journey-api/core"
)

const (
	docsPath = "/docs"
	jsonPath = "/openapi.json"
	yamlPath = "/openapi.yaml"
	yamlType = "application/yaml" // RFC 9512
	// assetsCache: a browser may keep the docs' own files for an hour; they change with the binary alone.
	assetsCache = "public, max-age=3600"
)

// docsRoutes are registered last, so that the document holds every route. Nothing of them comes from another host.
func (s *Server) docsRoutes(r *Registry) {
	if !s.config.DocsEnabled {
		return
	}
	ui := adaptor.HTTPHandler(v5emb.NewHandlerWithConfig(swgui.Config{
		Title:       "Journey API",
		SwaggerJSON: jsonPath,
		BasePath:    docsPath + "/",
		SettingsUI: map[string]string{
			"tryItOutEnabled":        "true",
			"displayRequestDuration": "true",
		},
	}))
	route := func(path, summary string) Route {
		return Route{Path: path, Access: core.Public(), Tag: "Documentation", Summary: summary}
	}
	r.page(route("/", "To the documentation"), redirectReply(), func(c *fiber.Ctx) error {
		return c.Redirect(docsPath, http.StatusFound)
	})
	r.page(route(docsPath, "This documentation, in a browser"), contentReply("text/html"), ui)
	r.page(route(docsPath+"/{asset}", "What the documentation is made of"), assetReply(), func(c *fiber.Ctx) error {
		return showAsset(c, ui)
	})
	r.page(route(jsonPath, "The OpenAPI document as JSON"), contentReply(jsonType), func(c *fiber.Ctx) error {
		return showDocument(c, jsonType, r.api.OpenAPI().MarshalJSON)
	})
	r.page(route(yamlPath, "The OpenAPI document as YAML"), contentReply(yamlType), func(c *fiber.Ctx) error {
		return showDocument(c, yamlType, r.api.OpenAPI().YAML)
	})
}

// OpenAPI is the OpenAPI 3.1 document of every route, as JSON.
func (s *Server) OpenAPI() ([]byte, error) { return s.registry.api.OpenAPI().MarshalJSON() }

func showDocument(c *fiber.Ctx, contentType string, encode func() ([]byte, error)) error {
	document, err := encode()
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, contentType)
	return c.Send(document)
}

// showAsset serves one of the embedded files; the file server's own words for a missing one are replaced.
func showAsset(c *fiber.Ctx, ui fiber.Handler) error {
	if err := ui(c); err != nil {
		return err
	}
	if c.Response().StatusCode() >= http.StatusBadRequest {
		return errNoRoute
	}
	c.Set(fiber.HeaderCacheControl, assetsCache)
	return nil
}

func contentReply(contentType string) map[string]*huma.Response {
	return map[string]*huma.Response{"200": {
		Description: http.StatusText(http.StatusOK),
		Content:     map[string]*huma.MediaType{contentType: {}},
	}}
}

func redirectReply() map[string]*huma.Response {
	return map[string]*huma.Response{"302": {Description: http.StatusText(http.StatusFound)}}
}

func assetReply() map[string]*huma.Response {
	replies := contentReply("*/*")
	replies["404"] = failureReference(string(core.CodeNotFound))
	return replies
}
