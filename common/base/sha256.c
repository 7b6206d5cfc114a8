#include "common/base/sha256.h"

#include "common/base/log.h"

#include <openssl/evp.h>
#include <pthread.h>
#include <stdlib.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t context_key; // of each thread its EVP_MD_CTX: making one costs more than hashing an entry
static EVP_MD *algorithm;         // lives as long as the process

static void give_up(const char *what) {
  wg_log(WG_LOG_ERROR, "libcrypto cannot hash", wg_field_text("call", what));
  abort();
}

static void free_context(void *context) {
  EVP_MD_CTX_free(context);
}

static void prepare(void) {
  algorithm = EVP_MD_fetch(NULL, "SHA256", NULL);
  if (!algorithm) give_up("EVP_MD_fetch");
  if (pthread_key_create(&context_key, free_context) != 0) give_up("pthread_key_create");
}

static EVP_MD_CTX *own_context(void) {
  pthread_once(&once, prepare);
  EVP_MD_CTX *context = pthread_getspecific(context_key);
  if (context) return context;
  context = EVP_MD_CTX_new();
  if (!context || !EVP_DigestInit_ex2(context, algorithm, NULL)) give_up("EVP_DigestInit_ex2");
  if (pthread_setspecific(context_key, context) != 0) give_up("pthread_setspecific");
  return context;
}

void wg_sha256(const struct wg_bytes *parts, size_t count, uint8_t hash[WG_SHA256_BYTES]) {
  EVP_MD_CTX *context = own_context();
  if (!EVP_DigestInit_ex2(context, NULL, NULL)) give_up("EVP_DigestInit_ex2");
  for (size_t i = 0; i < count; i++)
    if (!EVP_DigestUpdate(context, parts[i].data, parts[i].size)) give_up("EVP_DigestUpdate");
  if (!EVP_DigestFinal_ex(context, hash, NULL)) give_up("EVP_DigestFinal_ex");
}
