// Prints the FNV-1a hash of 100,000 normals of Mirror, for seed 20260101, step
// 5<<32|7 and row 3, written from the definition in the package comment and in
// single.go, with the fused multiply-add of the C library.
//
//	cc -O1 -ffp-contract=off singles.c -lm && ./a.out
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static void philox(uint32_t c[4], uint32_t k0, uint32_t k1) {
	for (int round = 0; round < 10; round++) {
		uint64_t p = (uint64_t)0xD2511F53 * c[0], q = (uint64_t)0xCD9E8D57 * c[2];
		uint32_t n0 = (uint32_t)(q >> 32) ^ c[1] ^ k0, n2 = (uint32_t)(p >> 32) ^ c[3] ^ k1;
		c[0] = n0, c[1] = (uint32_t)q, c[2] = n2, c[3] = (uint32_t)p;
		k0 += 0x9E3779B9, k1 += 0xBB67AE85;
	}
}

static float horner(const float *c, int degree, float x) {
	float p = c[degree];
	for (int i = degree - 1; i >= 0; i--) p = fmaf(x, p, c[i]);
	return p;
}

static const float L[] = {-1.9999998807907104f, 1.0000072717666626f, -0.6667011976242065f, 0.4993981719017029f,
	-0.39800330996513367f, 0.34501659870147705f, -0.32445162534713745f, 0.20213791728019714f};
static const float S[] = {3.1415927410125732f, -5.167709827423096f, 2.550069808959961f, -0.5982421040534973f, 0.07756038755178452f};
static const float C[] = {0.9999999403953552f, -4.934792995452881f, 4.058412075042725f, -1.3318802118301392f, 0.2196968048810959f};

static void polar(uint32_t radius, uint32_t angle, float *x, float *y) {
	float u = fmaf(fabsf((float)(int32_t)radius), 0x1p-31f, 0x1p-33f);
	int k;
	float m = frexpf(u, &k); // in [1/2, 1)
	uint32_t root = 0x3F3504F3;
	float r2;
	memcpy(&r2, &root, 4);
	if (m < r2) m *= 2, k--;
	float s = m - 1, sp = s * horner(L, 7, s);
	float r = sqrtf(fmaf(k, (float)(-2 * 0.693147180559945309417), sp));
	float v = (float)(int32_t)angle * 0x1p-32f, z = v * v;
	float cos = horner(C, 4, z), sin = horner(S, 4, z) * v;
	if (radius >> 31) cos = -cos;
	*x = r * cos, *y = r * sin;
}

int main(void) {
	uint64_t hash = 0xcbf29ce484222325;
	for (int group = 0; group < 100000 / 32; group++) {
		double z[32];
		for (int b = 0; b < 8; b++) {
			uint32_t c[4] = {8 * group + b, 3, 7, 5};
			philox(c, 20260101, 0);
			float x, y;
			polar(c[1], c[3], &x, &y);
			z[2 * b] = x, z[16 + 2 * b] = y;
			polar(c[0], c[2], &x, &y);
			z[2 * b + 1] = x, z[16 + 2 * b + 1] = y;
		}
		unsigned char bytes[sizeof z];
		memcpy(bytes, z, sizeof z);
		for (size_t i = 0; i < sizeof z; i++) hash = (hash ^ bytes[i]) * 0x100000001b3;
	}
	printf("%llx\n", (unsigned long long)hash);
}
