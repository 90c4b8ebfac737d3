package httpapi

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/adaptor"
	"github.com/swaggest/swgui"
	"github.com/swaggest/swgui/v5/static"
	"github.com/swaggest/swgui/v5emb"

	"github.com/journey-os/journey-api/core"
)

const (
	docsPath = "/docs"
	jsonPath = "/openapi.json"
	yamlPath = "/openapi.yaml"
	yamlType = "application/yaml" // RFC 9512
	// policyOfReplies is the Content Security Policy of everything but the pages for people: a reply that a browser
	// shows as a page may load nothing, run nothing and be in no frame.
	policyOfReplies = "default-src 'none'; frame-ancestors 'none'"
)

// docsRoutes are registered last, so that the document has every route. They load nothing from another host.
func (s *Server) docsRoutes(r *Registry) {
	if !s.config.DocsEnabled {
		return
	}
	ui := adaptor.HTTPHandler(v5emb.NewHandlerWithConfig(swgui.Config{
		Title:       "Journey API",
		SwaggerJSON: jsonPath,
		BasePath:    docsPath + "/",
		SettingsUI: map[string]string{
			"showExtensions":         "false", // x-access is in each description already
			"displayRequestDuration": "true",
		},
	}))
	assets, err := readAssets(static.FS)
	if err != nil {
		r.faults = append(r.faults, fmt.Errorf("read the files of the docs: %w", err))
	}
	asYAML := sync.OnceValues(r.api.OpenAPI().YAML)
	route := func(path, summary string) Route {
		return Route{Path: path, Access: core.Public(), Tag: "Documentation", Summary: summary}
	}
	r.page(route("/", "Redirect to the documentation"), redirectReply(), func(c *fiber.Ctx) error {
		return c.Redirect(docsPath, http.StatusFound)
	})
	r.page(route(docsPath, "This page"), contentReply("text/html"), func(c *fiber.Ctx) error {
		return showPage(c, ui)
	})
	asset := route(docsPath+"/{asset}", "A file of this page")
	asset.Sample.Parameters = map[string]string{"asset": "swagger-ui.css"}
	r.page(asset, assetReply(), func(c *fiber.Ctx) error {
		return showAsset(c, assets)
	})
	r.page(route(jsonPath, "The OpenAPI document as JSON"), contentReply(jsonType), func(c *fiber.Ctx) error {
		return showDocument(c, jsonType, s.OpenAPI)
	})
	r.page(route(yamlPath, "The OpenAPI document as YAML"), contentReply(yamlType), func(c *fiber.Ctx) error {
		return showDocument(c, yamlType, asYAML)
	})
}

// OpenAPI is the OpenAPI 3.1 document of every route, as JSON. It is written once: callers must not change it.
func (s *Server) OpenAPI() ([]byte, error) { return s.document() }

func showDocument(c *fiber.Ctx, contentType string, encode func() ([]byte, error)) error {
	document, err := encode()
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, contentType)
	return c.Send(document)
}

// showPage serves the page with a policy that lets it run its own scripts, and reach only its own origin (Content
// Security Policy Level 3). Swagger UI sets styles inline.
func showPage(c *fiber.Ctx, ui fiber.Handler) error {
	if err := ui(c); err != nil {
		return err
	}
	scripts := []string{"'self'"}
	for _, script := range inlineScript.FindAllSubmatch(c.Response().Body(), -1) {
		hash := sha256.Sum256(script[1])
		scripts = append(scripts, "'sha256-"+base64.StdEncoding.EncodeToString(hash[:])+"'")
	}
	pageHeaders(c, "default-src 'none'; script-src "+strings.Join(scripts, " ")+"; style-src 'self' 'unsafe-inline'; "+
		"img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	return nil
}

// pageHeaders sets the headers of a page for people.
func pageHeaders(c *fiber.Ctx, policy string) {
	c.Set(fiber.HeaderContentSecurityPolicy, policy)
	c.Set(fiber.HeaderXFrameOptions, "DENY") // for browsers that do not know frame-ancestors
	c.Set(fiber.HeaderReferrerPolicy, "no-referrer")
}

var inlineScript = regexp.MustCompile(`(?s)<script>(.*?)</script>`)

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
