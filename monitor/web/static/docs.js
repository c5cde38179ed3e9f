"use strict";

// validatorUrl: null keeps swagger-ui from asking a validator elsewhere.
window.addEventListener("load", () => {
  window.SwaggerUIBundle({
    url: "/openapi.json",
    dom_id: "#swagger-ui",
    validatorUrl: null,
    persistAuthorization: false,
    tryItOutEnabled: false,
  });
});
