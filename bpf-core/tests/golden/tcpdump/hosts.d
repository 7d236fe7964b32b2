(000) ldh      [12]
(001) jeq      #0x800           jt 2	jf 239
(002) ld       [26]
(003) jeq      #0xa000101       jt 4	jf 5
(004) ja       485
(005) jeq      #0xa000201       jt 6	jf 7
(006) ja       485
(007) jeq      #0xa000301       jt 8	jf 9
(008) ja       485
(009) jeq      #0xa000401       jt 10	jf 11
(010) ja       485
(011) jeq      #0xa000501       jt 12	jf 13
(012) ja       485
(013) jeq      #0xa000601       jt 14	jf 15
(014) ja       485
(015) jeq      #0xa000701       jt 16	jf 17
(016) ja       485
(017) jeq      #0xa000801       jt 18	jf 19
(018) ja       485
(019) jeq      #0xa000901       jt 20	jf 21
(020) ja       485
(021) jeq      #0xa000a01       jt 22	jf 23
(022) ja       485
(023) jeq      #0xa000b01       jt 24	jf 25
(024) ja       485
(025) jeq      #0xa000c01       jt 26	jf 27
(026) ja       485
(027) jeq      #0xa000d01       jt 28	jf 29
(028) ja       485
(029) jeq      #0xa000e01       jt 30	jf 31
(030) ja       485
(031) jeq      #0xa000f01       jt 32	jf 33
(032) ja       485
(033) jeq      #0xa001001       jt 34	jf 35
(034) ja       485
(035) jeq      #0xa001101       jt 36	jf 37
(036) ja       485
(037) jeq      #0xa001201       jt 38	jf 39
(038) ja       485
(039) jeq      #0xa001301       jt 40	jf 41
(040) ja       485
(041) jeq      #0xa001401       jt 42	jf 43
(042) ja       485
(043) jeq      #0xa001501       jt 44	jf 45
(044) ja       485
(045) jeq      #0xa001601       jt 46	jf 47
(046) ja       485
(047) jeq      #0xa001701       jt 48	jf 49
(048) ja       485
(049) jeq      #0xa001801       jt 50	jf 51
(050) ja       485
(051) jeq      #0xa001901       jt 52	jf 53
(052) ja       485
(053) jeq      #0xa001a01       jt 54	jf 55
(054) ja       485
(055) jeq      #0xa001b01       jt 56	jf 57
(056) ja       485
(057) jeq      #0xa001c01       jt 58	jf 59
(058) ja       485
(059) jeq      #0xa001d01       jt 60	jf 61
(060) ja       485
(061) jeq      #0xa001e01       jt 62	jf 63
(062) ja       485
(063) jeq      #0xa001f01       jt 64	jf 65
(064) ja       485
(065) jeq      #0xa002001       jt 66	jf 67
(066) ja       485
(067) jeq      #0xa002101       jt 68	jf 69
(068) ja       485
(069) jeq      #0xa002201       jt 70	jf 71
(070) ja       485
(071) jeq      #0xa002301       jt 72	jf 73
(072) ja       485
(073) jeq      #0xa002401       jt 74	jf 75
(074) ja       485
(075) jeq      #0xa002501       jt 76	jf 77
(076) ja       485
(077) jeq      #0xa002601       jt 78	jf 79
(078) ja       485
(079) jeq      #0xa002701       jt 80	jf 81
(080) ja       485
(081) jeq      #0xa002801       jt 82	jf 83
(082) ja       485
(083) jeq      #0xa002901       jt 84	jf 85
(084) ja       485
(085) jeq      #0xa002a01       jt 86	jf 87
(086) ja       485
(087) jeq      #0xa002b01       jt 88	jf 89
(088) ja       485
(089) jeq      #0xa002c01       jt 90	jf 91
(090) ja       485
(091) jeq      #0xa002d01       jt 92	jf 93
(092) ja       485
(093) jeq      #0xa002e01       jt 94	jf 95
(094) ja       485
(095) jeq      #0xa002f01       jt 96	jf 97
(096) ja       485
(097) jeq      #0xa003001       jt 98	jf 99
(098) ja       485
(099) jeq      #0xa003101       jt 100	jf 101
(100) ja       485
(101) jeq      #0xa003201       jt 102	jf 103
(102) ja       485
(103) jeq      #0xa003301       jt 104	jf 105
(104) ja       485
(105) jeq      #0xa003401       jt 106	jf 107
(106) ja       485
(107) jeq      #0xa003501       jt 108	jf 109
(108) ja       485
(109) jeq      #0xa003601       jt 110	jf 111
(110) ja       485
(111) jeq      #0xa003701       jt 112	jf 113
(112) ja       485
(113) jeq      #0xa003801       jt 114	jf 115
(114) ja       485
(115) jeq      #0xa003901       jt 116	jf 117
(116) ja       485
(117) jeq      #0xa003a01       jt 118	jf 119
(118) ja       485
(119) jeq      #0xa003b01       jt 120	jf 121
(120) ja       485
(121) jeq      #0xa003c01       jt 122	jf 123
(122) ja       485
(123) jeq      #0xa003d01       jt 124	jf 125
(124) ja       485
(125) jeq      #0xa003e01       jt 126	jf 127
(126) ja       485
(127) jeq      #0xa003f01       jt 128	jf 129
(128) ja       485
(129) jeq      #0xa004001       jt 130	jf 131
(130) ja       485
(131) jeq      #0xa004101       jt 132	jf 133
(132) ja       485
(133) jeq      #0xa004201       jt 134	jf 135
(134) ja       485
(135) jeq      #0xa004301       jt 136	jf 137
(136) ja       485
(137) jeq      #0xa004401       jt 138	jf 139
(138) ja       485
(139) jeq      #0xa004501       jt 140	jf 141
(140) ja       485
(141) jeq      #0xa004601       jt 142	jf 143
(142) ja       485
(143) jeq      #0xa004701       jt 144	jf 145
(144) ja       485
(145) jeq      #0xa004801       jt 146	jf 147
(146) ja       485
(147) jeq      #0xa004901       jt 148	jf 149
(148) ja       485
(149) jeq      #0xa004a01       jt 150	jf 151
(150) ja       485
(151) jeq      #0xa004b01       jt 152	jf 153
(152) ja       485
(153) jeq      #0xa004c01       jt 154	jf 155
(154) ja       485
(155) jeq      #0xa004d01       jt 156	jf 157
(156) ja       485
(157) jeq      #0xa004e01       jt 158	jf 159
(158) ja       485
(159) jeq      #0xa004f01       jt 160	jf 161
(160) ja       485
(161) jeq      #0xa005001       jt 162	jf 163
(162) ja       485
(163) jeq      #0xa005101       jt 164	jf 165
(164) ja       485
(165) jeq      #0xa005201       jt 166	jf 167
(166) ja       485
(167) jeq      #0xa005301       jt 168	jf 169
(168) ja       485
(169) jeq      #0xa005401       jt 170	jf 171
(170) ja       485
(171) jeq      #0xa005501       jt 172	jf 173
(172) ja       485
(173) jeq      #0xa005601       jt 174	jf 175
(174) ja       485
(175) jeq      #0xa005701       jt 176	jf 177
(176) ja       485
(177) jeq      #0xa005801       jt 178	jf 179
(178) ja       485
(179) jeq      #0xa005901       jt 180	jf 181
(180) ja       485
(181) jeq      #0xa005a01       jt 182	jf 183
(182) ja       485
(183) jeq      #0xa005b01       jt 184	jf 185
(184) ja       485
(185) jeq      #0xa005c01       jt 186	jf 187
(186) ja       485
(187) jeq      #0xa005d01       jt 188	jf 189
(188) ja       485
(189) jeq      #0xa005e01       jt 190	jf 191
(190) ja       485
(191) jeq      #0xa005f01       jt 192	jf 193
(192) ja       485
(193) jeq      #0xa006001       jt 194	jf 195
(194) ja       485
(195) jeq      #0xa006101       jt 196	jf 197
(196) ja       485
(197) jeq      #0xa006201       jt 198	jf 199
(198) ja       485
(199) jeq      #0xa006301       jt 200	jf 201
(200) ja       485
(201) jeq      #0xa006401       jt 202	jf 203
(202) ja       485
(203) jeq      #0xa006501       jt 204	jf 205
(204) ja       485
(205) jeq      #0xa006601       jt 206	jf 207
(206) ja       485
(207) jeq      #0xa006701       jt 208	jf 209
(208) ja       485
(209) jeq      #0xa006801       jt 210	jf 211
(210) ja       485
(211) jeq      #0xa006901       jt 212	jf 213
(212) ja       485
(213) jeq      #0xa006a01       jt 214	jf 215
(214) ja       485
(215) jeq      #0xa006b01       jt 216	jf 217
(216) ja       485
(217) jeq      #0xa006c01       jt 218	jf 219
(218) ja       485
(219) jeq      #0xa006d01       jt 220	jf 221
(220) ja       485
(221) jeq      #0xa006e01       jt 222	jf 223
(222) ja       485
(223) jeq      #0xa006f01       jt 224	jf 225
(224) ja       485
(225) jeq      #0xa007001       jt 226	jf 227
(226) ja       485
(227) jeq      #0xa007101       jt 228	jf 229
(228) ja       485
(229) jeq      #0xa007201       jt 485	jf 230
(230) jeq      #0xa007301       jt 485	jf 231
(231) jeq      #0xa007401       jt 485	jf 232
(232) jeq      #0xa007501       jt 485	jf 233
(233) jeq      #0xa007601       jt 485	jf 234
(234) jeq      #0xa007701       jt 485	jf 235
(235) jeq      #0xa007801       jt 485	jf 236
(236) jeq      #0xa010101       jt 485	jf 237
(237) ld       [30]
(238) jeq      #0xa000101       jt 485	jf 365
(239) jeq      #0x806           jt 241	jf 240
(240) jeq      #0x8035          jt 241	jf 486
(241) ld       [28]
(242) jeq      #0xa000101       jt 485	jf 243
(243) jeq      #0xa000201       jt 485	jf 244
(244) jeq      #0xa000301       jt 485	jf 245
(245) jeq      #0xa000401       jt 485	jf 246
(246) jeq      #0xa000501       jt 485	jf 247
(247) jeq      #0xa000601       jt 485	jf 248
(248) jeq      #0xa000701       jt 485	jf 249
(249) jeq      #0xa000801       jt 485	jf 250
(250) jeq      #0xa000901       jt 485	jf 251
(251) jeq      #0xa000a01       jt 485	jf 252
(252) jeq      #0xa000b01       jt 485	jf 253
(253) jeq      #0xa000c01       jt 485	jf 254
(254) jeq      #0xa000d01       jt 485	jf 255
(255) jeq      #0xa000e01       jt 485	jf 256
(256) jeq      #0xa000f01       jt 485	jf 257
(257) jeq      #0xa001001       jt 485	jf 258
(258) jeq      #0xa001101       jt 485	jf 259
(259) jeq      #0xa001201       jt 485	jf 260
(260) jeq      #0xa001301       jt 485	jf 261
(261) jeq      #0xa001401       jt 485	jf 262
(262) jeq      #0xa001501       jt 485	jf 263
(263) jeq      #0xa001601       jt 485	jf 264
(264) jeq      #0xa001701       jt 485	jf 265
(265) jeq      #0xa001801       jt 485	jf 266
(266) jeq      #0xa001901       jt 485	jf 267
(267) jeq      #0xa001a01       jt 485	jf 268
(268) jeq      #0xa001b01       jt 485	jf 269
(269) jeq      #0xa001c01       jt 485	jf 270
(270) jeq      #0xa001d01       jt 485	jf 271
(271) jeq      #0xa001e01       jt 485	jf 272
(272) jeq      #0xa001f01       jt 485	jf 273
(273) jeq      #0xa002001       jt 485	jf 274
(274) jeq      #0xa002101       jt 485	jf 275
(275) jeq      #0xa002201       jt 485	jf 276
(276) jeq      #0xa002301       jt 485	jf 277
(277) jeq      #0xa002401       jt 485	jf 278
(278) jeq      #0xa002501       jt 485	jf 279
(279) jeq      #0xa002601       jt 485	jf 280
(280) jeq      #0xa002701       jt 485	jf 281
(281) jeq      #0xa002801       jt 485	jf 282
(282) jeq      #0xa002901       jt 485	jf 283
(283) jeq      #0xa002a01       jt 485	jf 284
(284) jeq      #0xa002b01       jt 485	jf 285
(285) jeq      #0xa002c01       jt 485	jf 286
(286) jeq      #0xa002d01       jt 485	jf 287
(287) jeq      #0xa002e01       jt 485	jf 288
(288) jeq      #0xa002f01       jt 485	jf 289
(289) jeq      #0xa003001       jt 485	jf 290
(290) jeq      #0xa003101       jt 485	jf 291
(291) jeq      #0xa003201       jt 485	jf 292
(292) jeq      #0xa003301       jt 485	jf 293
(293) jeq      #0xa003401       jt 485	jf 294
(294) jeq      #0xa003501       jt 485	jf 295
(295) jeq      #0xa003601       jt 485	jf 296
(296) jeq      #0xa003701       jt 485	jf 297
(297) jeq      #0xa003801       jt 485	jf 298
(298) jeq      #0xa003901       jt 485	jf 299
(299) jeq      #0xa003a01       jt 485	jf 300
(300) jeq      #0xa003b01       jt 485	jf 301
(301) jeq      #0xa003c01       jt 485	jf 302
(302) jeq      #0xa003d01       jt 485	jf 303
(303) jeq      #0xa003e01       jt 485	jf 304
(304) jeq      #0xa003f01       jt 485	jf 305
(305) jeq      #0xa004001       jt 485	jf 306
(306) jeq      #0xa004101       jt 485	jf 307
(307) jeq      #0xa004201       jt 485	jf 308
(308) jeq      #0xa004301       jt 485	jf 309
(309) jeq      #0xa004401       jt 485	jf 310
(310) jeq      #0xa004501       jt 485	jf 311
(311) jeq      #0xa004601       jt 485	jf 312
(312) jeq      #0xa004701       jt 485	jf 313
(313) jeq      #0xa004801       jt 485	jf 314
(314) jeq      #0xa004901       jt 485	jf 315
(315) jeq      #0xa004a01       jt 485	jf 316
(316) jeq      #0xa004b01       jt 485	jf 317
(317) jeq      #0xa004c01       jt 485	jf 318
(318) jeq      #0xa004d01       jt 485	jf 319
(319) jeq      #0xa004e01       jt 485	jf 320
(320) jeq      #0xa004f01       jt 485	jf 321
(321) jeq      #0xa005001       jt 485	jf 322
(322) jeq      #0xa005101       jt 485	jf 323
(323) jeq      #0xa005201       jt 485	jf 324
(324) jeq      #0xa005301       jt 485	jf 325
(325) jeq      #0xa005401       jt 485	jf 326
(326) jeq      #0xa005501       jt 485	jf 327
(327) jeq      #0xa005601       jt 485	jf 328
(328) jeq      #0xa005701       jt 485	jf 329
(329) jeq      #0xa005801       jt 485	jf 330
(330) jeq      #0xa005901       jt 485	jf 331
(331) jeq      #0xa005a01       jt 485	jf 332
(332) jeq      #0xa005b01       jt 485	jf 333
(333) jeq      #0xa005c01       jt 485	jf 334
(334) jeq      #0xa005d01       jt 485	jf 335
(335) jeq      #0xa005e01       jt 485	jf 336
(336) jeq      #0xa005f01       jt 485	jf 337
(337) jeq      #0xa006001       jt 485	jf 338
(338) jeq      #0xa006101       jt 485	jf 339
(339) jeq      #0xa006201       jt 485	jf 340
(340) jeq      #0xa006301       jt 485	jf 341
(341) jeq      #0xa006401       jt 485	jf 342
(342) jeq      #0xa006501       jt 485	jf 343
(343) jeq      #0xa006601       jt 485	jf 344
(344) jeq      #0xa006701       jt 485	jf 345
(345) jeq      #0xa006801       jt 485	jf 346
(346) jeq      #0xa006901       jt 485	jf 347
(347) jeq      #0xa006a01       jt 485	jf 348
(348) jeq      #0xa006b01       jt 485	jf 349
(349) jeq      #0xa006c01       jt 485	jf 350
(350) jeq      #0xa006d01       jt 485	jf 351
(351) jeq      #0xa006e01       jt 485	jf 352
(352) jeq      #0xa006f01       jt 485	jf 353
(353) jeq      #0xa007001       jt 485	jf 354
(354) jeq      #0xa007101       jt 485	jf 355
(355) jeq      #0xa007201       jt 485	jf 356
(356) jeq      #0xa007301       jt 485	jf 357
(357) jeq      #0xa007401       jt 485	jf 358
(358) jeq      #0xa007501       jt 485	jf 359
(359) jeq      #0xa007601       jt 485	jf 360
(360) jeq      #0xa007701       jt 485	jf 361
(361) jeq      #0xa007801       jt 485	jf 362
(362) jeq      #0xa010101       jt 485	jf 363
(363) ld       [38]
(364) jeq      #0xa000101       jt 485	jf 365
(365) jeq      #0xa000201       jt 485	jf 366
(366) jeq      #0xa000301       jt 485	jf 367
(367) jeq      #0xa000401       jt 485	jf 368
(368) jeq      #0xa000501       jt 485	jf 369
(369) jeq      #0xa000601       jt 485	jf 370
(370) jeq      #0xa000701       jt 485	jf 371
(371) jeq      #0xa000801       jt 485	jf 372
(372) jeq      #0xa000901       jt 485	jf 373
(373) jeq      #0xa000a01       jt 485	jf 374
(374) jeq      #0xa000b01       jt 485	jf 375
(375) jeq      #0xa000c01       jt 485	jf 376
(376) jeq      #0xa000d01       jt 485	jf 377
(377) jeq      #0xa000e01       jt 485	jf 378
(378) jeq      #0xa000f01       jt 485	jf 379
(379) jeq      #0xa001001       jt 485	jf 380
(380) jeq      #0xa001101       jt 485	jf 381
(381) jeq      #0xa001201       jt 485	jf 382
(382) jeq      #0xa001301       jt 485	jf 383
(383) jeq      #0xa001401       jt 485	jf 384
(384) jeq      #0xa001501       jt 485	jf 385
(385) jeq      #0xa001601       jt 485	jf 386
(386) jeq      #0xa001701       jt 485	jf 387
(387) jeq      #0xa001801       jt 485	jf 388
(388) jeq      #0xa001901       jt 485	jf 389
(389) jeq      #0xa001a01       jt 485	jf 390
(390) jeq      #0xa001b01       jt 485	jf 391
(391) jeq      #0xa001c01       jt 485	jf 392
(392) jeq      #0xa001d01       jt 485	jf 393
(393) jeq      #0xa001e01       jt 485	jf 394
(394) jeq      #0xa001f01       jt 485	jf 395
(395) jeq      #0xa002001       jt 485	jf 396
(396) jeq      #0xa002101       jt 485	jf 397
(397) jeq      #0xa002201       jt 485	jf 398
(398) jeq      #0xa002301       jt 485	jf 399
(399) jeq      #0xa002401       jt 485	jf 400
(400) jeq      #0xa002501       jt 485	jf 401
(401) jeq      #0xa002601       jt 485	jf 402
(402) jeq      #0xa002701       jt 485	jf 403
(403) jeq      #0xa002801       jt 485	jf 404
(404) jeq      #0xa002901       jt 485	jf 405
(405) jeq      #0xa002a01       jt 485	jf 406
(406) jeq      #0xa002b01       jt 485	jf 407
(407) jeq      #0xa002c01       jt 485	jf 408
(408) jeq      #0xa002d01       jt 485	jf 409
(409) jeq      #0xa002e01       jt 485	jf 410
(410) jeq      #0xa002f01       jt 485	jf 411
(411) jeq      #0xa003001       jt 485	jf 412
(412) jeq      #0xa003101       jt 485	jf 413
(413) jeq      #0xa003201       jt 485	jf 414
(414) jeq      #0xa003301       jt 485	jf 415
(415) jeq      #0xa003401       jt 485	jf 416
(416) jeq      #0xa003501       jt 485	jf 417
(417) jeq      #0xa003601       jt 485	jf 418
(418) jeq      #0xa003701       jt 485	jf 419
(419) jeq      #0xa003801       jt 485	jf 420
(420) jeq      #0xa003901       jt 485	jf 421
(421) jeq      #0xa003a01       jt 485	jf 422
(422) jeq      #0xa003b01       jt 485	jf 423
(423) jeq      #0xa003c01       jt 485	jf 424
(424) jeq      #0xa003d01       jt 485	jf 425
(425) jeq      #0xa003e01       jt 485	jf 426
(426) jeq      #0xa003f01       jt 485	jf 427
(427) jeq      #0xa004001       jt 485	jf 428
(428) jeq      #0xa004101       jt 485	jf 429
(429) jeq      #0xa004201       jt 485	jf 430
(430) jeq      #0xa004301       jt 485	jf 431
(431) jeq      #0xa004401       jt 485	jf 432
(432) jeq      #0xa004501       jt 485	jf 433
(433) jeq      #0xa004601       jt 485	jf 434
(434) jeq      #0xa004701       jt 485	jf 435
(435) jeq      #0xa004801       jt 485	jf 436
(436) jeq      #0xa004901       jt 485	jf 437
(437) jeq      #0xa004a01       jt 485	jf 438
(438) jeq      #0xa004b01       jt 485	jf 439
(439) jeq      #0xa004c01       jt 485	jf 440
(440) jeq      #0xa004d01       jt 485	jf 441
(441) jeq      #0xa004e01       jt 485	jf 442
(442) jeq      #0xa004f01       jt 485	jf 443
(443) jeq      #0xa005001       jt 485	jf 444
(444) jeq      #0xa005101       jt 485	jf 445
(445) jeq      #0xa005201       jt 485	jf 446
(446) jeq      #0xa005301       jt 485	jf 447
(447) jeq      #0xa005401       jt 485	jf 448
(448) jeq      #0xa005501       jt 485	jf 449
(449) jeq      #0xa005601       jt 485	jf 450
(450) jeq      #0xa005701       jt 485	jf 451
(451) jeq      #0xa005801       jt 485	jf 452
(452) jeq      #0xa005901       jt 485	jf 453
(453) jeq      #0xa005a01       jt 485	jf 454
(454) jeq      #0xa005b01       jt 485	jf 455
(455) jeq      #0xa005c01       jt 485	jf 456
(456) jeq      #0xa005d01       jt 485	jf 457
(457) jeq      #0xa005e01       jt 485	jf 458
(458) jeq      #0xa005f01       jt 485	jf 459
(459) jeq      #0xa006001       jt 485	jf 460
(460) jeq      #0xa006101       jt 485	jf 461
(461) jeq      #0xa006201       jt 485	jf 462
(462) jeq      #0xa006301       jt 485	jf 463
(463) jeq      #0xa006401       jt 485	jf 464
(464) jeq      #0xa006501       jt 485	jf 465
(465) jeq      #0xa006601       jt 485	jf 466
(466) jeq      #0xa006701       jt 485	jf 467
(467) jeq      #0xa006801       jt 485	jf 468
(468) jeq      #0xa006901       jt 485	jf 469
(469) jeq      #0xa006a01       jt 485	jf 470
(470) jeq      #0xa006b01       jt 485	jf 471
(471) jeq      #0xa006c01       jt 485	jf 472
(472) jeq      #0xa006d01       jt 485	jf 473
(473) jeq      #0xa006e01       jt 485	jf 474
(474) jeq      #0xa006f01       jt 485	jf 475
(475) jeq      #0xa007001       jt 485	jf 476
(476) jeq      #0xa007101       jt 485	jf 477
(477) jeq      #0xa007201       jt 485	jf 478
(478) jeq      #0xa007301       jt 485	jf 479
(479) jeq      #0xa007401       jt 485	jf 480
(480) jeq      #0xa007501       jt 485	jf 481
(481) jeq      #0xa007601       jt 485	jf 482
(482) jeq      #0xa007701       jt 485	jf 483
(483) jeq      #0xa007801       jt 485	jf 484
(484) jeq      #0xa010101       jt 485	jf 486
(485) ret      #262144
(486) ret      #0
