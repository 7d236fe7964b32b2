(000) ldh      [12]
(001) jeq      #0x86dd          jt 2	jf 6
(002) ld       [22]
(003) jeq      #0x20010db8      jt 23	jf 4
(004) ld       [38]
(005) jeq      #0x20010db8      jt 23	jf 15
(006) jeq      #0x800           jt 7	jf 10
(007) ld       [26]
(008) and      #0xff000000
(009) jeq      #0xa000000       jt 23	jf 15
(010) jeq      #0x806           jt 12	jf 11
(011) jeq      #0x8035          jt 12	jf 15
(012) ld       [28]
(013) and      #0xff000000
(014) jeq      #0xa000000       jt 23	jf 15
(015) ld       [8]
(016) jeq      #0x1             jt 17	jf 19
(017) ldh      [6]
(018) jeq      #0x200           jt 23	jf 19
(019) ld       [2]
(020) jeq      #0x1             jt 21	jf 24
(021) ldh      [0]
(022) jeq      #0x200           jt 23	jf 24
(023) ret      #262144
(024) ret      #0
